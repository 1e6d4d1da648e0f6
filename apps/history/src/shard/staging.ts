import type { CommitResult, ExecutionKey, ExecutionStore, HistoryBatch, Lease } from '@duramesh/persistence';

/** A part of a history could not be written: the decision has to be made again. */
export interface Unstaged {
  readonly kind: 'unstaged';
  readonly result: Exclude<CommitResult, 'committed'>;
}

/** Ends a decision in its middle. @see Unstaged */
export class StagingFailed extends Error {
  readonly result: Unstaged['result'];

  constructor(result: Unstaged['result']) {
    super(`a history could not be staged: ${result}`);
    this.result = result;
  }
}

/** What one decision writes ahead of its commit. */
export class Staging {
  readonly #store: ExecutionStore;
  readonly #lease: Lease;
  readonly #keys = new Map<string, ExecutionKey>();

  constructor(store: ExecutionStore, lease: Lease) {
    this.#store = store;
    this.#lease = lease;
  }

  /** Runs that something was written for, or may have been. */
  get keys(): readonly ExecutionKey[] {
    return [...this.#keys.values()];
  }

  /** @throws StagingFailed */
  async stage(key: ExecutionKey, history: readonly HistoryBatch[]): Promise<void> {
    this.#keys.set(key.runId, key);
    const result = await this.#store.stageHistory({ lease: this.#lease, key, history });
    if (result !== 'committed') throw new StagingFailed(result);
  }
}
