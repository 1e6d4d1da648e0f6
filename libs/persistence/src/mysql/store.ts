import type { Logger, Metrics, Tracer } from '@duramesh/runtime';
import { type Store, StoreFault } from '../api/store.ts';
import { type ConnectOptions, Database } from './connect.ts';
import { toFault } from './errors.ts';
import { MysqlExecutionStore } from './execution-store.ts';
import { MysqlInspectionStore } from './inspection-store.ts';
import { MysqlLeaseStore } from './lease-store.ts';
import { MysqlClusterStore, MysqlNamespaceStore } from './namespace-store.ts';
import { schemaStatus } from './schema.ts';
import { MysqlResharding } from './resharding.ts';
import { MysqlTaskQueueStore } from './task-queue-store.ts';
import { MysqlVisibilityStore } from './visibility-store.ts';
import { Writer } from './writer.ts';

export interface MysqlStoreOptions extends ConnectOptions {
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** Opens a database of MySQL or MariaDB that many processes may have open. @throws StoreFault */
export async function openMysqlStore(options: MysqlStoreOptions): Promise<Store> {
  const database = await Database.open(options);
  await checkSchema(database);
  const writer = new Writer(database, options);
  return {
    name: 'mysql',
    executions: new MysqlExecutionStore(database, writer),
    visibility: new MysqlVisibilityStore(database),
    taskQueues: new MysqlTaskQueueStore(database, writer),
    leases: new MysqlLeaseStore(database, writer),
    namespaces: new MysqlNamespaceStore(database, writer),
    cluster: new MysqlClusterStore(database, writer),
    resharding: new MysqlResharding(writer),
    inspection: new MysqlInspectionStore(database),
    stats: database.stats,
    async close() {
      await writer.close();
      database.close();
    },
  };
}

/** A server that starts never changes a schema that others may use. */
async function checkSchema(database: Database): Promise<void> {
  try {
    const session = await database.connect({ manyStatements: false });
    const { state, advice } = await schemaStatus(session, database.shown).finally(() => session.close());
    if (state !== 'current') throw new StoreFault('schema', advice);
  } catch (error) {
    database.close();
    throw toFault(error, database.shown);
  }
}
