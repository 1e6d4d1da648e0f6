import type { ExecutionStore } from './execution-store.ts';
import type { InspectionStore } from './inspection-store.ts';
import type { LeaseStore } from './lease-store.ts';
import type { ClusterStore, NamespaceStore } from './namespace-store.ts';
import type { Resharding } from './resharding.ts';
import type { TaskQueueStore } from './task-queue-store.ts';
import type { VisibilityStore } from './visibility-store.ts';

/**
 * - `unavailable` it is away, or busy beyond measure: trying again may help;
 * - `refused`     it will not have us: wrong password, missing rights, no such database, a URL that makes no sense;
 * - `schema`      its schema is not the one this server knows;
 * - `full`        it can store no more;
 * - `corrupt`     what it keeps cannot be read;
 * - `unsupported` this kind of database cannot answer that question: another one has to be asked.
 */
export type StoreFaultCode = 'unavailable' | 'refused' | 'schema' | 'full' | 'corrupt' | 'unsupported';

/** The world refused: the database is away, full, locked, or its answer cannot be read. Reads throw it; commits answer `unknown`. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly code: StoreFaultCode;

  constructor(code: StoreFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Counted per process, for metrics and for budgets in tests. */
export interface StoreStats {
  /** Transactions with a sync of the log. */
  commits: number;
  statements: number;
  rowsWritten: number;
  bytesWritten: number;
  reads: number;
}

/** One database. */
export interface Store {
  /** `sqlite`, `memory`, … as GetClusterInfo names it. */
  readonly name: string;
  readonly executions: ExecutionStore;
  readonly visibility: VisibilityStore;
  readonly taskQueues: TaskQueueStore;
  readonly leases: LeaseStore;
  readonly namespaces: NamespaceStore;
  readonly cluster: ClusterStore;
  readonly inspection: InspectionStore;
  /** Undefined where a run cannot be moved without copying it. */
  readonly resharding: Resharding | undefined;
  readonly stats: Readonly<StoreStats>;
  /** Flushes what is queued, then lets go of the database. */
  close(): Promise<void>;
}
