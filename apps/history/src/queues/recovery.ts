import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { DueRun } from '@duramesh/persistence';
import type { HistoryDeps } from '../deps.ts';
import type { Owner, RunRef } from '../shard/owner.ts';
import type { ImmediateQueue } from './immediate-queue.ts';
import type { Resident, Residents } from './resident.ts';

const PAGE = 500;
const RETRY_MS = 1_000;
/** Hand-overs waiting before the next page is read. */
const QUEUE_PAUSE = 5_000;

/**
 * Finds the immediate work a former owner left behind: once per set of newly acquired shards, in one query for all.
 */
export class Recovery {
  readonly #deps: HistoryDeps;
  readonly #owner: Owner;
  readonly #queue: () => ImmediateQueue;
  readonly #residents: Residents;
  readonly #act: (resident: Resident) => void;
  readonly #pending = new Set<number>();
  #scheduled = false;
  #stopped = false;

  /** @param act does what follows from the state of a run or an entity */
  constructor(
    deps: HistoryDeps,
    owner: Owner,
    parts: { queue: () => ImmediateQueue; residents: Residents; act: (resident: Resident) => void },
  ) {
    this.#deps = deps;
    this.#owner = owner;
    this.#queue = parts.queue;
    this.#residents = parts.residents;
    this.#act = parts.act;
  }

  /** Shards acquired in the same moment are scanned together. */
  add(shard: number): void {
    this.#pending.add(shard);
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#deps.clock.defer(() => void this.#run());
  }

  /** One run is looked at by itself: a write to it may have landed without anybody acting on it. */
  doubt(ref: RunRef): void {
    void this.#resume(ref);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#scheduled = false;
    const shards = [...this.#pending];
    this.#pending.clear();
    try {
      await this.#scan(shards);
    } catch (error) {
      if (this.#stopped) return;
      this.#deps.logger.warn({ error, shards: shards.length }, 'outstanding work could not be read; trying again');
      await this.#deps.clock.sleep(RETRY_MS);
      for (const shard of shards) if (this.#owner.owns(shard)) this.add(shard);
    }
  }

  async #scan(shards: readonly number[]): Promise<void> {
    let after: DueRun | undefined;
    do {
      const page: readonly DueRun[] = await this.#deps.store.executions.readOutstanding(shards, after, PAGE);
      for (const due of page) await this.#recover(due);
      after = page.length === PAGE ? page.at(-1) : undefined;
      while (!this.#stopped && this.#queue().depth > QUEUE_PAUSE) await this.#deps.clock.sleep(50);
    } while (after !== undefined && !this.#stopped);
  }

  async #resume(ref: RunRef): Promise<void> {
    const shard = this.#owner.shardOf(ref);
    while (!this.#stopped && this.#owner.owns(shard)) {
      try {
        return this.#act(await this.#residents.read(ref));
      } catch (error) {
        // A run that was never created, or one that cannot be read; a fault of the store passes.
        if (error instanceof ServiceError && !(await this.#isLeftBehind(ref, error))) return;
        await this.#deps.clock.sleep(RETRY_MS);
      }
    }
  }

  /** Of a run that was never created there may be a part of its history, which could not be removed yet. */
  async #isLeftBehind(ref: RunRef, { code }: ServiceError): Promise<boolean> {
    if (code !== GrpcCode.NOT_FOUND || ref.runId === '') return false;
    return !(await this.#owner.discard({ key: ref, partition: this.#owner.shardOf(ref) }));
  }

  async #recover({ key, partition }: DueRun): Promise<void> {
    if (!this.#owner.owns(partition)) return;
    try {
      this.#act(await this.#residents.read(key));
    } catch (error) {
      // One run that cannot be read must not keep the others from their work.
      if (!(error instanceof ServiceError)) throw error;
      if (error.code === GrpcCode.NOT_FOUND) return this.doubt(key);
      this.#deps.logger.warn({ error, ...key }, 'outstanding work of a run could not be recovered');
    }
  }
}
