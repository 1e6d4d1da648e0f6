import type { Adapter, OpenSchemaToolOptions, OpenStoreOptions } from '../api/adapter.ts';
import { type Store, StoreFault } from '../api/store.ts';
import { type DatabaseUrl, parseDatabaseUrl } from '../database-url.ts';
import { findDatacenter } from './cluster.ts';
import { Connection, urlRules } from './connect.ts';
import { CassandraSchemaTool } from './schema-tool.ts';
import { cassandraStore } from './store.ts';

export const cassandraAdapter: Adapter = { openStore, openSchemaTool };

async function openStore(text: string, options: OpenStoreOptions): Promise<Store> {
  const url = parseDatabaseUrl(text, urlRules, options.secrets);
  const { clock } = options;
  const { datacenter } = await findDatacenter(url, clock);
  const tool = await openTool(url, { clock, datacenter });
  try {
    const { state, advice } = await tool.status();
    if (state !== 'current') throw new StoreFault('schema', advice);
  } finally {
    await tool.close();
  }
  return cassandraStore(await Connection.open(url, { clock, datacenter, keyspace: url.database }), options);
}

async function openSchemaTool(text: string, { clock, secrets }: OpenSchemaToolOptions): Promise<CassandraSchemaTool> {
  const url = parseDatabaseUrl(text, urlRules, secrets);
  const { datacenter } = await findDatacenter(url, clock);
  return openTool(url, { clock, datacenter });
}

async function openTool(
  url: DatabaseUrl,
  options: { readonly clock: OpenStoreOptions['clock']; readonly datacenter: string },
): Promise<CassandraSchemaTool> {
  return new CassandraSchemaTool(await Connection.open(url, options), { url, datacenter: options.datacenter });
}
