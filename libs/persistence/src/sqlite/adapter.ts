import type { Adapter } from '../api/adapter.ts';
import { StoreFault } from '../api/store.ts';
import { SqliteSchemaTool } from './schema-tool.ts';
import { openSqliteStore } from './store.ts';

export const sqliteAdapter: Adapter = {
  openStore: async (url, options) => openSqliteStore({ path: pathOf(url), ...options }),
  openSchemaTool: async (url) => new SqliteSchemaTool(pathOf(url)),
};

function pathOf(url: string): string {
  const path = url.slice('sqlite:'.length);
  if (path !== '') return path;
  throw new StoreFault('refused', `'${url}' names no file: use sqlite:<path> or sqlite::memory:`);
}
