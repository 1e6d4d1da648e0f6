import { after } from 'node:test';
import { openSchemaTool } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts';
import type { Place } from './drivers.ts';

const TEMPLATE = 'template_of_tests';

let starting: Promise<PostgresServer> | undefined;
let databases = 0;

after(async () => (await starting)?.stop());

/** One server for all tests of a file; each has a database of its own, copied from one whose schema is set up. */
async function start(): Promise<PostgresServer> {
  const server = await startPostgresServer();
  const tool = await openSchemaTool(server.url(TEMPLATE), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  return server;
}

export interface PostgresPlace extends Place {
  readonly server: PostgresServer;
  readonly database: string;
}

export async function postgresPlace(): Promise<PostgresPlace> {
  starting ??= start();
  const server = await starting;
  const database = `test_${++databases}`;
  await server.query(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE}`);
  return {
    server,
    database,
    url: server.url(database),
    clock: systemClock,
    // Members live by the clock of the database, which goes on by itself: their ends come nearer.
    pass: async (durationMs) => {
      await server.query(`UPDATE members SET expires_at = expires_at - interval '${durationMs} ms'`, database);
    },
  };
}
