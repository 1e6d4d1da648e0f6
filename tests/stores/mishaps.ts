import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createWithSchema, type DatabaseName, type DatabaseServer, type TestDatabase } from '../support/databases.ts';

/** It must be in no line. */
export const PASSWORD = 's3cret';

/** A URL on which a server cannot start. */
export interface Mishap {
  readonly what: string;
  readonly url: string;
  /** The one line that says so. */
  readonly says: RegExp;
  /** Of `duramesh schema status`. */
  readonly code: number;
  /** Time may mend it: a server that starts waits. */
  readonly waits?: true;
}

const withLogin = (url: string, user: string, password: string): string =>
  url.replace(/^(\w+:\/\/)(?:[^/@]*@)?/, `$1${user}:${password}@`);
const withHost = (url: string, host: string): string => url.replace(/(\/\/(?:[^/@]*@)?)[^/:]*/, `$1${host}`);
const databaseOf = (url: string): string => /\/([^/?]+)(?:\?|$)/.exec(url)?.[1] ?? '';

/** Makes users with a password: `me`, who may do everything, and `poor`, who may only read the tables. */
type MakeUsers = (server: DatabaseServer, database: string) => Promise<void>;

const mysqlUsers: MakeUsers = async (server, database) => {
  const grant = (user: string, rights: string): string =>
    `CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'; GRANT ${rights} ON ${database}.* TO ${user}@'127.0.0.1'`;
  await server.query(`${grant('me', 'ALL')}; ${grant('poor', 'SELECT')}`);
};

const postgresUsers: MakeUsers = async (server, database) => {
  const role = (user: string): string => `CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}'`;
  await server.query(`${role('me')} SUPERUSER; ${role('poor')}`);
  await server.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor', database);
  const rules = ['host all postgres 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256', ''];
  writeFileSync(path.join(server.folder, 'data', 'pg_hba.conf'), rules.join('\n'));
  await server.query('SELECT pg_reload_conf()');
};

const cassandraUsers: MakeUsers = async (server, database) => {
  await server.query(`CREATE ROLE me WITH PASSWORD = '${PASSWORD}' AND LOGIN = true AND SUPERUSER = true`);
  await server.query(`CREATE ROLE poor WITH PASSWORD = '${PASSWORD}' AND LOGIN = true`);
  await server.query(`GRANT SELECT ON KEYSPACE ${database} TO poor`);
};

const usersOf: Partial<Readonly<Record<DatabaseName, MakeUsers>>> = {
  cassandra: cassandraUsers,
  mariadb: mysqlUsers,
  mysql: mysqlUsers,
  postgres: postgresUsers,
};

interface Versions {
  readonly done: number;
  readonly begun: number;
}

/** Says of a schema that is there that it is another one. */
async function claimSchema(
  { name, server, url }: { readonly name: DatabaseName; readonly server: DatabaseServer; readonly url: string },
  { done, begun }: Versions,
): Promise<void> {
  const database = databaseOf(url);
  if (name !== 'cassandra') {
    await server.query(`UPDATE duramesh_schema SET version = ${done}, begun = ${begun}`, database);
    return;
  }
  // The timestamps of its marks are versions.
  const set = `USING TIMESTAMP 1000 SET done = ${done}, begun = ${begun} WHERE id = 'duramesh_schema'`;
  await server.query(`UPDATE ${database}.duramesh_schema ${set}`);
}

/** Everything that people get wrong with a database of this kind. */
export async function mishapsOf(name: DatabaseName, database: TestDatabase): Promise<readonly Mishap[]> {
  const { server } = database;
  const makeUsers = usersOf[name];
  assert.ok(server && makeUsers);
  const [good, newer, partial] = [
    await createWithSchema(database),
    await createWithSchema(database),
    await createWithSchema(database),
  ];
  await makeUsers(server, databaseOf(good));
  await claimSchema({ name, server, url: newer }, { done: 999, begun: 999 });
  await claimSchema({ name, server, url: partial }, { done: 0, begun: 1 });
  return [
    {
      what: 'a wrong password',
      url: withLogin(good, 'me', `${PASSWORD}-not`),
      says: /refuses|denied|password/,
      code: 1,
    },
    { what: 'missing rights', url: withLogin(good, 'poor', PASSWORD), says: /rights/, code: 0 },
    { what: 'an unknown host', url: withHost(good, 'no-such-host.invalid'), says: /host/, code: 1, waits: true },
    { what: 'no database of that name', url: server.url('no_such_database'), says: /duramesh schema setup/, code: 3 },
    { what: 'a database without a schema', url: await database.create(), says: /duramesh schema setup/, code: 3 },
    { what: 'a newer schema', url: newer, says: /version 999.*newer server/, code: 5 },
    { what: 'a half updated schema', url: partial, says: /duramesh schema update/, code: 4 },
  ];
}
