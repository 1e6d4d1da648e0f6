import type { ExecutionKey } from '../api/execution-store.ts';

/** A run as a transaction finds it. */
export interface FoundRun {
  readonly id: number;
  readonly version: number;
  readonly wakeAtMs: number;
  readonly isOutstanding: boolean;
}

/** Enough for the runs that are under way at one time; the others cost one look more. */
const MAX_RUNS = 8192;

/** Rows of runs as this connection wrote them last: what is here holds until another connection commits something. */
export class KnownRuns {
  /** The one used last is the last. */
  readonly #runs = new Map<string, FoundRun>();

  get(key: ExecutionKey): FoundRun | undefined {
    return this.#runs.get(nameOf(key));
  }

  set(key: ExecutionKey, run: FoundRun): void {
    const name = nameOf(key);
    this.#runs.delete(name);
    this.#runs.set(name, run);
    if (this.#runs.size <= MAX_RUNS) return;
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined) this.#runs.delete(oldest);
  }

  delete(key: ExecutionKey): void {
    this.#runs.delete(nameOf(key));
  }

  clear(): void {
    this.#runs.clear();
  }
}

/** Ids of namespaces and runs are UUIDs, or at least without a line break. */
const nameOf = ({ namespaceId, workflowId, runId }: ExecutionKey): string => `${namespaceId}\n${runId}\n${workflowId}`;
