import type { Logger, Metrics, Tracer } from '@duramesh/runtime';
import type { Store } from '../api/store.ts';
import { Connection, type ConnectionOptions } from './connect.ts';
import { SqliteExecutionStore } from './execution-store.ts';
import { SqliteInspectionStore } from './inspection-store.ts';
import { SqliteLeaseStore } from './lease-store.ts';
import { SqliteClusterStore, SqliteNamespaceStore } from './namespace-store.ts';
import { SqliteResharding } from './resharding.ts';
import { SqliteTaskQueueStore } from './task-queue-store.ts';
import { SqliteVisibilityStore } from './visibility-store.ts';
import { Writer } from './writer.ts';

export interface SqliteStoreOptions extends ConnectionOptions {
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** Opens a file that other processes of this machine may have open too. @throws StoreFault */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const connection = Connection.open(options);
  const writer = new Writer(connection, options);
  return {
    name: 'sqlite',
    executions: new SqliteExecutionStore(connection, writer),
    visibility: new SqliteVisibilityStore(connection),
    taskQueues: new SqliteTaskQueueStore(connection, writer),
    leases: new SqliteLeaseStore(connection, writer),
    namespaces: new SqliteNamespaceStore(connection, writer),
    cluster: new SqliteClusterStore(connection, writer),
    resharding: new SqliteResharding(connection, writer),
    inspection: new SqliteInspectionStore(connection),
    stats: connection.stats,
    async close() {
      await writer.close();
      connection.close();
    },
  };
}
