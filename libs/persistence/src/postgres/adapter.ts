import { seededRandom } from '@duramesh/runtime';
import type { Adapter } from '../api/adapter.ts';
import { StoreFault } from '../api/store.ts';
import { type DatabaseSecrets, type DatabaseUrl, parseDatabaseUrl } from '../database-url.ts';
import { PostgresSchemaTool } from './schema-tool.ts';
import { openPostgresStore } from './store.ts';

/** Of which one is for writes and two are for lists: a few do much. */
const DEFAULT_POOL_SIZE = 8;

export const postgresAdapter: Adapter = {
  openStore: async (url, { secrets, ...options }) => {
    // Chance only spreads the attempts of several processes to connect again.
    const random = seededRandom(options.clock.now());
    return openPostgresStore({ url: parsed(url, secrets), random, ...options });
  },
  openSchemaTool: async (url, { clock, secrets }) => {
    return new PostgresSchemaTool({ url: parsed(url, secrets), clock, random: seededRandom(clock.now()) });
  },
};

function parsed(text: string, secrets: DatabaseSecrets | undefined): DatabaseUrl {
  const rules = { schemes: ['postgres', 'postgresql'], defaultPort: 5432, defaultPoolSize: DEFAULT_POOL_SIZE } as const;
  const url = parseDatabaseUrl(text, rules, secrets);
  if (url.hosts.length === 1) return url;
  throw new StoreFault('refused', `the database ${url.shown} names several hosts: PostgreSQL is reached by one`);
}
