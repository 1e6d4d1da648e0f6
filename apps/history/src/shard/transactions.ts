import { unavailable } from '@duramesh/contracts';
import { type CommitResult, type Lease, StoreFault } from '@duramesh/persistence';
import { storeFailed } from '../refusals.ts';
import { ExecutionLock } from './execution-lock.ts';
import type { ShardLoads } from './shard-loads.ts';
import type { Shards } from './shards.ts';

/** Conflicts and unknown outcomes of one request before its caller is told to come back. */
const MAXIMUM_TRIES = 5;

/** Where a decision is made: one at a time for each key. */
export interface Place {
  readonly key: string;
  readonly shard: number;
}

/** Decisions under a lock and a lease, made again whenever the world has moved meanwhile. */
export class Transactions {
  readonly #shards: Shards;
  readonly #loads: ShardLoads;
  readonly #lock = new ExecutionLock();

  constructor(shards: Shards, loads: ShardLoads) {
    this.#shards = shards;
    this.#loads = loads;
  }

  /**
   * Tries until there is an answer.
   * @param attempt undefined when the decision has to be made again
   * @throws ServiceError UNAVAILABLE when there is none after some tries
   */
  run<T>({ key, shard }: Place, attempt: (lease: Lease) => Promise<{ readonly value: T } | undefined>): Promise<T> {
    const load = this.#loads.of(shard);
    load.waiting += 1;
    return this.#lock.run(key, async () => {
      load.waiting -= 1;
      load.running += 1;
      try {
        return await this.#try(shard, attempt);
      } finally {
        load.running -= 1;
      }
    });
  }

  async #try<T>(shard: number, attempt: (lease: Lease) => Promise<{ readonly value: T } | undefined>): Promise<T> {
    for (let tries = 1; tries <= MAXIMUM_TRIES; tries++) {
      const answer = await attempt(this.#shards.lease(shard));
      if (answer) return answer.value;
    }
    throw unavailable('shard unavailable, please backoff and retry');
  }

  /** One thing under the lock of a key, whatever comes of it. */
  once<T>(key: string, body: () => Promise<T>): Promise<T> {
    return this.#lock.run(key, body);
  }

  /** What a commit came to; how long it took is remembered for operators. */
  timed(commit: Promise<CommitResult>): Promise<CommitResult> {
    return this.#loads.timed(commit);
  }

  /** What is known of the shard must be found out again before the next try. */
  async lost(lease: Lease, result: CommitResult): Promise<void> {
    if (result === 'fenced') this.#shards.fenced(lease);
    if (result === 'unknown') await this.#shards.renew(lease);
  }

  /** Whether what was decided without a write is as true as what a write would have proved. @throws ServiceError */
  async confirm(lease: Lease): Promise<boolean> {
    try {
      return await this.#shards.confirm(lease);
    } catch (error) {
      throw error instanceof StoreFault ? storeFailed(error) : error;
    }
  }
}
