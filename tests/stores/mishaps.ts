import assert from 'node:assert/strict';
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

interface SqlOfKind {
  /** Makes users: `me`, who may do everything, and `poor`, who may only read the tables. */
  users(server: DatabaseServer, database: string): Promise<void>;
  setVersion(version: number): string;
}

const mysql: SqlOfKind = {
  async users(server, database) {
    for (const [user, rights] of [
      ['me', 'ALL'],
      ['poor', 'SELECT'],
    ]) {
      await server.query(
        `CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'; GRANT ${rights} ON ${database}.* TO '${user}'@'127.0.0.1'`,
      );
    }
  },
  setVersion: (version) => `UPDATE duramesh_schema SET version = ${version}, begun = ${version}`,
};

const kinds: Partial<Readonly<Record<DatabaseName, SqlOfKind>>> = { mariadb: mysql, mysql };

/** Everything that people get wrong with a database of this kind. */
export async function mishapsOf(name: DatabaseName, database: TestDatabase): Promise<readonly Mishap[]> {
  const { server } = database;
  const kind = kinds[name];
  assert.ok(server && kind);
  const [good, newer, older] = [
    await createWithSchema(database),
    await createWithSchema(database),
    await createWithSchema(database),
  ];
  await kind.users(server, databaseOf(good));
  await server.query(kind.setVersion(999), databaseOf(newer));
  await server.query(kind.setVersion(0), databaseOf(older));
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
    { what: 'an older schema', url: older, says: /duramesh schema update/, code: 4 },
  ];
}
