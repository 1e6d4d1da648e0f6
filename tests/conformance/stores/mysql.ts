import { after } from 'node:test';
import { openSchemaTool } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import type { MysqlKind } from '../../../scripts/mysql-server.ts';
import { type MysqlServer, startMysqlServer } from '../../support/mysql-server.ts';
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
