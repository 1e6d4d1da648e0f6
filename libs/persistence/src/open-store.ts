import type { Clock, Logger, Metrics } from '@duramesh/runtime';
import { type Store, StoreFault } from './api/store.ts';

export interface OpenStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

type Opener = (path: string, options: OpenStoreOptions) => Promise<Store>;

/** One line per adapter. Each is loaded when it is asked for, so that nobody pays for the drivers of the others. */
const openers: Readonly<Record<string, Opener>> = {
  memory: async (_path, { clock }) => (await import('./memory/store.ts')).openMemoryStore({ clock }),
  sqlite: async (path, options) => (await import('./sqlite/store.ts')).openSqliteStore({ path, ...options }),
};

/**
 * Opens the store a URL names: `sqlite:path/to/file`, `sqlite::memory:`, `memory:`.
 * @throws StoreFault with one sentence that says what to do
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<Store> {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  const open = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined;
  if (open === undefined) {
    const known = Object.keys(openers).map((name) => `${name}:`);
    throw new StoreFault('unavailable', `no store is known for '${url}': use one of ${known.join(', ')}`);
  }
  const path = url.slice(colon + 1);
  if (scheme === 'sqlite' && path === '') {
    throw new StoreFault('unavailable', `'${url}' names no file: use sqlite:<path> or sqlite::memory:`);
  }
  return open(path, options);
}
