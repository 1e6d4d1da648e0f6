import { after, before, suite, test, type TestContext } from 'node:test';
import { openSchemaTool } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { NotInstalled } from '../../../scripts/binaries.ts';
import type { MysqlKind } from '../../../scripts/mysql-server.ts';
import { type MysqlServer, type MysqlServerOptions, startMysqlServer } from '../../support/mysql-server.ts';
import type { Place } from './drivers.ts';

const DATABASE = 'stores';
/** What belongs to the schema, and not to a test. */
const KEPT = ['duramesh_schema', 'id_blocks'];

const starting = new Map<MysqlKind, Promise<MysqlServer>>();

after(async () => {
  for (const server of await Promise.allSettled(starting.values())) {
    if (server.status === 'fulfilled') await server.value.stop();
  }
});

/** One server and one schema for all tests of a file: definitions take longer than what most tests do. */
async function start(kind: MysqlKind): Promise<MysqlServer> {
  const server = await startMysqlServer({ kind });
  await setUpSchema(await server.createDatabase(DATABASE));
  return server;
}

export async function setUpSchema(url: string): Promise<void> {
  const tool = await openSchemaTool(url, { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
}

/** Emptied of what the test before has left. */
export async function mysqlPlace(kind: MysqlKind): Promise<Place> {
  const known = starting.get(kind) ?? start(kind);
  starting.set(kind, known);
  const server = await known;
  const tables = await server.query('SHOW TABLES', DATABASE);
  const names = tables.flatMap((row) => Object.values(row).map(String)).filter((name) => !KEPT.includes(name));
  await server.query(names.map((name) => `DELETE FROM ${name}`).join('; '), DATABASE);
  return {
    url: server.url(DATABASE),
    clock: systemClock,
    // Members live by the clock of the database, which goes on by itself: their ends come nearer.
    pass: async (durationMs) => {
      await server.query(`UPDATE members SET expires_at = expires_at - ${durationMs}`, DATABASE);
    },
  };
}

export type MysqlClaims = Readonly<Record<string, (t: TestContext, server: MysqlServer) => Promise<void>>>;

/** Runs claims that need a server to themselves, one after the other; skipped where there is none. */
export function onMysqlServer(options: MysqlServerOptions, claims: MysqlClaims): void {
  const { kind } = options;
  suite(kind, () => {
    let server: MysqlServer | undefined;
    let missing: string | undefined;
    before(async () => {
      try {
        server = await startMysqlServer(options);
      } catch (error) {
        if (!(error instanceof NotInstalled)) throw error;
        missing = error.message;
      }
    });
    after(() => server?.stop());
    for (const [claim, run] of Object.entries(claims)) {
      test(`${kind}: ${claim}`, async (t) => {
        if (server === undefined) return t.skip(missing);
        return run(t, server);
      });
    }
  });
}
