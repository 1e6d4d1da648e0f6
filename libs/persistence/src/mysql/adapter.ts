import type { Adapter, OpenStoreOptions } from '../api/adapter.ts';
import { type DatabaseUrl, parseDatabaseUrl } from '../database-url.ts';
import { MysqlSchemaTool } from './schema-tool.ts';
import { openMysqlStore } from './store.ts';

export const mysqlAdapter: Adapter = {
  openStore: (url, options) => openMysqlStore({ ...options, url: parsed(url, options) }),
  openSchemaTool: async (url, options) => new MysqlSchemaTool({ clock: options.clock, url: parsed(url, options) }),
};

const parsed = (url: string, { secrets }: Pick<OpenStoreOptions, 'secrets'>): DatabaseUrl =>
  parseDatabaseUrl(url, { schemes: ['mysql', 'mariadb'], defaultPort: 3306, defaultPoolSize: 8 }, secrets);
