import type { EncodedBatch, ExecutionState } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';

/** A run as memory holds it: what is stored under `version`, and the newest of its history. */
export interface CachedRun {
  readonly key: ExecutionKey;
  readonly shard: number;
  state: ExecutionState;
  version: number;
  /** The last batches of the history, without gaps, up to the last event. */
  readonly tail: EncodedBatch[];
  tailBytes: number;
}

/** Kept with a run so that answering a poll rarely reads the store. */
const TAIL_LIMIT_BYTES = 32 * 1024;

export const runKeyOf = (key: ExecutionKey): string => `${key.namespaceId}_${key.workflowId}_${key.runId}`;

/** Something of the run is in memory only, and somebody waits for it. */
const holdsMore = ({ state }: CachedRun): boolean => state.waitingUpdates.size > 0;

/**
 * Of a run that has ended little is asked, and mostly at once: how it ended. So many of them are kept. With more of them in
 * memory the collector would copy most of what passes through this process, twice, before it is forgotten.
 */
const CLOSED_RUNS = 128;

const isClosed = ({ state }: CachedRun): boolean => state.info.closeEventId > 0;

/** Of the oldest runs, so many are looked at to find one that holds no more than what is stored. */
const SPARED = 16;

/** Which run of a workflow is the current one: often known of a run that is not in memory itself. */
interface Current {
  readonly runId: string;
  readonly shard: number;
}

/** Told of a run that is forgotten with something that is not stored. */
export type ForgetListener = (run: CachedRun) => void;

/** Runs this process served lately, and which run is current. Least recently used ones are forgotten. */
export class RunCache {
  readonly #runs = new Map<string, CachedRun>();
  readonly #current = new Map<string, Current>();
  /** Closed ones among the runs, the latest last. */
  readonly #closed = new Set<string>();
  readonly #limit: number;
  #onLoss: ForgetListener = () => undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  onLoss(listener: ForgetListener): void {
    this.#onLoss = listener;
  }

  get(key: ExecutionKey): CachedRun | undefined {
    const id = runKeyOf(key);
    const run = this.#runs.get(id);
    if (!run) return undefined;
    // Which one was used last matters only when one has to leave soon.
    if (this.#runs.size * 2 < this.#limit) return run;
    this.#runs.delete(id);
    this.#runs.set(id, run);
    return run;
  }

  put(run: CachedRun): void {
    const id = runKeyOf(run.key);
    this.#runs.set(id, run);
    if (isClosed(run)) this.#putClosed(id);
    if (this.#runs.size > this.#limit) this.#evictOldest();
  }

  appendTail(run: CachedRun, batches: readonly EncodedBatch[]): void {
    for (const batch of batches) {
      // What was encoded shares a large buffer with much that nobody keeps.
      run.tail.push({ ...batch, data: new Uint8Array(batch.data) });
      run.tailBytes += batch.data.length;
    }
    // Of a closed run nobody asks for more than how it ended.
    const limitBytes = isClosed(run) ? 0 : TAIL_LIMIT_BYTES;
    while (run.tailBytes > limitBytes && run.tail.length > 1) run.tailBytes -= run.tail.shift()?.data.length ?? 0;
  }

  currentRunId(workflowKey: string): string | undefined {
    return this.#current.get(workflowKey)?.runId;
  }

  setCurrent(workflowKey: string, current: Current): void {
    this.#current.delete(workflowKey);
    this.#current.set(workflowKey, current);
    if (this.#current.size <= this.#limit) return;
    for (const key of this.#current.keys()) return void this.#current.delete(key);
  }

  /** Forgets all that is known of a workflow id: the next use reads the store. */
  forget(key: ExecutionKey): void {
    this.#drop(runKeyOf(key));
    this.#current.delete(`${key.namespaceId}_${key.workflowId}`);
  }

  /** Forgets a shard: somebody else may have written to it. */
  forgetShard(shard: number): void {
    for (const [id, run] of this.#runs) if (run.shard === shard) this.#drop(id);
    for (const [workflowKey, current] of this.#current) if (current.shard === shard) this.#current.delete(workflowKey);
  }

  get size(): number {
    return this.#runs.size;
  }

  /** How many runs of each shard are open, by a look at all of them. */
  openRuns(): ReadonlyMap<number, number> {
    const open = new Map<number, number>();
    for (const run of this.#runs.values()) {
      if (!isClosed(run)) open.set(run.shard, (open.get(run.shard) ?? 0) + 1);
    }
    return open;
  }

  #putClosed(id: string): void {
    this.#closed.delete(id);
    this.#closed.add(id);
    if (this.#closed.size <= CLOSED_RUNS) return;
    for (const oldest of this.#closed) return this.#drop(oldest);
  }

  #evictOldest(): void {
    let spared = 0;
    for (const [id, run] of this.#runs) {
      if (!holdsMore(run) || spared === SPARED) return this.#drop(id);
      spared += 1;
      this.#runs.delete(id);
      this.#runs.set(id, run);
    }
  }

  #drop(id: string): void {
    const run = this.#runs.get(id);
    this.#runs.delete(id);
    this.#closed.delete(id);
    if (run && holdsMore(run)) this.#onLoss(run);
  }
}
