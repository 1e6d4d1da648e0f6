import type { Clock } from '@duramesh/runtime';
import type { Store } from '../api/store.ts';
import { MemoryDatabase } from './database.ts';
import { MemoryExecutionStore } from './execution-store.ts';
import { type MemoryStoreFaults, noFaults } from './faults.ts';
import { MemoryInspectionStore } from './inspection-store.ts';
import { MemoryLeaseStore } from './lease-store.ts';
import { Link } from './link.ts';
import { MemoryClusterStore, MemoryNamespaceStore } from './namespace-store.ts';
import { MemoryResharding } from './resharding.ts';
import { MemoryTaskQueueStore } from './task-queue-store.ts';
import { MemoryVisibilityStore } from './visibility-store.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Shared by the handles of several simulated processes; a new one when absent. */
  readonly database?: MemoryDatabase;
  readonly faults?: MemoryStoreFaults;
}

/** The in-memory twin of the database adapters: nothing outlives the database object. */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  const { clock, database = new MemoryDatabase(), faults = noFaults } = options;
  const link = new Link(clock, faults);
  return {
    name: 'memory',
    executions: new MemoryExecutionStore(database, link),
    visibility: new MemoryVisibilityStore(database, link),
    taskQueues: new MemoryTaskQueueStore(database, link),
    leases: new MemoryLeaseStore(database, link, clock),
    namespaces: new MemoryNamespaceStore(database, link),
    cluster: new MemoryClusterStore(database, link),
    resharding: new MemoryResharding(database, link),
    inspection: new MemoryInspectionStore(database, link),
    stats: link.stats,
    close: async () => link.close(),
  };
}
