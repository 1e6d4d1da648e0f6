import type { Logger, Tracer } from '@duramesh/runtime';
import type { Store } from '../api/store.ts';
import type { Connection } from './connect.ts';
import { CassandraExecutionStore } from './execution-store.ts';
import { Heads } from './heads.ts';
import { CassandraInspectionStore } from './inspection-store.ts';
import { Lanes } from './lanes.ts';
import { CassandraLeaseStore } from './lease-store.ts';
import { CassandraClusterStore, CassandraNamespaceStore } from './namespace-store.ts';
import { Shards } from './shards.ts';
import { CassandraTaskQueueStore } from './task-queue-store.ts';
import { Tidier } from './tidier.ts';
import { CassandraVisibilityStore } from './visibility-store.ts';
import { WakeFloor } from './wake-floor.ts';

/** The store in a keyspace whose schema is current. */
export function cassandraStore(
  connection: Connection,
  { logger, tracer }: { readonly logger: Logger; readonly tracer?: Tracer | undefined },
): Store {
  const tidier = new Tidier(connection);
  const lanes = new Lanes({ connection, tidier, logger, tracer });
  const shards = new Shards(connection);
  const context = { connection, tidier, lanes, shards, heads: new Heads(connection), floor: new WakeFloor() };
  return {
    name: 'cassandra',
    executions: new CassandraExecutionStore(context),
    visibility: new CassandraVisibilityStore(connection, shards),
    taskQueues: new CassandraTaskQueueStore(connection, lanes),
    leases: new CassandraLeaseStore(connection, lanes),
    namespaces: new CassandraNamespaceStore(connection),
    cluster: new CassandraClusterStore(connection),
    // A shard is a partition of the database: a run cannot be moved without copying all of it.
    resharding: undefined,
    inspection: new CassandraInspectionStore(connection, shards),
    stats: connection.stats,
    async close() {
      await lanes.close();
      await tidier.drained();
      await connection.close();
    },
  };
}
