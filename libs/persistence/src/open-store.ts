import type { Adapter, OpenSchemaToolOptions, OpenStoreOptions } from './api/adapter.ts';
import type { SchemaTool } from './api/schema.ts';
import { type Store, StoreFault } from './api/store.ts';
import { withoutLogin } from './database-url.ts';

/** One line per scheme. An adapter is loaded when it is asked for, so that nobody pays for the drivers of the others. */
const adapters: Readonly<Record<string, () => Promise<Adapter>>> = {
  cassandra: async () => (await import('./cassandra/adapter.ts')).cassandraAdapter,
  mariadb: async () => (await import('./mysql/adapter.ts')).mysqlAdapter,
  memory: async () => (await import('./memory/adapter.ts')).memoryAdapter,
  mysql: async () => (await import('./mysql/adapter.ts')).mysqlAdapter,
  postgres: async () => (await import('./postgres/adapter.ts')).postgresAdapter,
  postgresql: async () => (await import('./postgres/adapter.ts')).postgresAdapter,
  sqlite: async () => (await import('./sqlite/adapter.ts')).sqliteAdapter,
};

/**
 * Opens the store a URL names: `sqlite:path/to/file`, `sqlite::memory:`, `memory:`, `postgres://host/database`.
 * @throws StoreFault with one sentence that says what to do
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<Store> {
  return (await adapterFor(url)).openStore(url, options);
}

/**
 * What operators do with the schema of the database a URL names.
 * @throws StoreFault with one sentence that says what to do
 */
export async function openSchemaTool(url: string, options: OpenSchemaToolOptions): Promise<SchemaTool> {
  return (await adapterFor(url)).openSchemaTool(url, options);
}

async function adapterFor(url: string): Promise<Adapter> {
  const scheme = url.slice(0, Math.max(url.indexOf(':'), 0));
  const load = Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined;
  if (load !== undefined) return load();
  const known = Object.keys(adapters).map((name) => `${name}:`);
  throw new StoreFault('refused', `no store is known for '${withoutLogin(url)}': use one of ${known.join(', ')}`);
}
