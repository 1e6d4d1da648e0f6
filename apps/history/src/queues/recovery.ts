import { ServiceError } from '@duramesh/contracts';
import { outstandingTasks } from '@duramesh/engine';
import type { DueRun } from '@duramesh/persistence';
import type { HistoryDeps } from '../deps.ts';
import type { Owner } from '../shard/owner.ts';
import type { ImmediateQueue } from './immediate-queue.ts';

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
  readonly #pending = new Set<number>();
  #scheduled = false;
  #stopped = false;

  constructor(deps: HistoryDeps, owner: Owner, queue: () => ImmediateQueue) {
    this.#deps = deps;
    this.#owner = owner;
    this.#queue = queue;
  }

  /** Shards acquired in the same moment are scanned together. */
  add(shard: number): void {
    this.#pending.add(shard);
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#deps.clock.defer(() => void this.#run());
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

  async #recover({ key, partition }: DueRun): Promise<void> {
    if (!this.#owner.owns(partition)) return;
    try {
      const run = await this.#owner.read(key);
      this.#queue().add(run, outstandingTasks(run.state));
    } catch (error) {
      // One run that cannot be read must not keep the others from their work.
      if (!(error instanceof ServiceError)) throw error;
      this.#deps.logger.warn({ error, ...key }, 'outstanding work of a run could not be recovered');
    }
  }
}
