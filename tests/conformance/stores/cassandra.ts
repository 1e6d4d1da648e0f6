import { after } from 'node:test';
import { openSchemaTool } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type CassandraServer, startCassandraServer } from '../../support/cassandra-server.ts';
import type { Place } from './drivers.ts';

const KEYSPACE = 'stores';
/** What belongs to the schema, and not to a test. */
const KEPT = 'duramesh_schema';

interface Started {
  readonly server: CassandraServer;
  readonly tables: readonly string[];
}

let starting: Promise<Started> | undefined;

after(async () => {
  const started = await starting?.catch(() => undefined);
  await started?.server.stop();
});

/** One server and one keyspace for all tests: definitions take longer than what most tests do. */
async function start(): Promise<Started> {
  const server = await startCassandraServer();
  const tool = await openSchemaTool(server.url(KEYSPACE), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  const rows = await server.query(`SELECT table_name FROM system_schema.tables WHERE keyspace_name = '${KEYSPACE}'`);
  return { server, tables: rows.map((row) => String(row['table_name'])).filter((name) => name !== KEPT) };
}

/** Emptied of what the test before has left; also what looks empty, since deletions would be in the way of this one. */
export async function cassandraPlace(): Promise<Place> {
  const { server, tables } = await (starting ??= start());
  await server.run(tables.map((name) => `TRUNCATE ${KEYSPACE}.${name}`));
  return { url: server.url(KEYSPACE), clock: systemClock, pass: (durationMs) => bringEndsNearer(server, durationMs) };
}

/** Members live by the clock of the database, which goes on by itself. */
async function bringEndsNearer(server: CassandraServer, durationMs: number): Promise<void> {
  const members = await server.query(
    `SELECT cell, service, member_id, address, ttl(address) AS seconds FROM ${KEYSPACE}.members`,
  );
  await server.run(
    members.map((row) => {
      const [cell, service, memberId, address] = ['cell', 'service', 'member_id', 'address'].map(
        (name) => `'${row[name]}'`,
      );
      const seconds = Number(row['seconds']) - durationMs / 1000;
      return seconds > 0
        ? `INSERT INTO ${KEYSPACE}.members (cell, service, member_id, address)
           VALUES (${cell}, ${service}, ${memberId}, ${address}) USING TTL ${Math.ceil(seconds)}`
        : `DELETE FROM ${KEYSPACE}.members WHERE cell = ${cell} AND service = ${service} AND member_id = ${memberId}`;
    }),
  );
}
