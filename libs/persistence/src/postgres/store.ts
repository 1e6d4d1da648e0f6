import type { Clock, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import { type Store, StoreFault } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import { Connections } from './connect.ts';
import { PostgresExecutionStore } from './execution-store.ts';
import { PostgresInspectionStore } from './inspection-store.ts';
import { PostgresLeaseStore } from './lease-store.ts';
import { PostgresClusterStore, PostgresNamespaceStore } from './namespace-store.ts';
import { PostgresResharding } from './resharding.ts';
import { checkServer } from './server-check.ts';
import { PostgresTaskQueueStore } from './task-queue-store.ts';
import { PostgresVisibilityStore } from './visibility-store.ts';
import { Writer } from './writer.ts';

export interface PostgresStoreOptions {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** Opens a database whose schema is up to date. @throws StoreFault that says what else has to be done */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const connections = new Connections(options);
  try {
    const { state, advice } = await checkServer(connections);
    if (state !== 'current') throw new StoreFault('schema', advice);
  } catch (error) {
    await connections.close();
    throw error;
  }
  const writer = new Writer(connections, options);
  return {
    name: 'postgres',
    executions: new PostgresExecutionStore(connections, writer),
    visibility: new PostgresVisibilityStore(connections),
    taskQueues: new PostgresTaskQueueStore(connections, writer),
    leases: new PostgresLeaseStore(connections, writer),
    namespaces: new PostgresNamespaceStore(connections),
    cluster: new PostgresClusterStore(connections),
    resharding: new PostgresResharding(connections),
    inspection: new PostgresInspectionStore(connections),
    stats: connections.stats,
    async close() {
      await writer.close();
      await connections.close();
    },
  };
}
