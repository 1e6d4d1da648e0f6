import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startCassandraServer } from './cassandra-server.ts';
import { duramesh } from './duramesh.ts';
import { startMysqlServer } from './mysql-server.ts';
import { startPostgresServer } from './postgres-server.ts';

/** What the servers of all kinds can do. */
export interface DatabaseServer {
  readonly folder: string;
  /** Of a database, for the superuser, who needs no password. */
  url(database?: string): string;
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser. */
  query(text: string, database?: string): Promise<unknown>;
  kill(signal: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A database server of a test's own, or a folder for an embedded one. */
export interface TestDatabase {
  /** @returns the URL of a new database that nothing has been done to */
  create(): Promise<string>;
  /** `kill -9` to all of it, then up again with the same data; undefined where it lives and dies with our process. */
  readonly crash: (() => Promise<void>) | undefined;
  /** Undefined where it is embedded. */
  readonly server: DatabaseServer | undefined;
  stop(): Promise<void>;
}

interface DatabaseKind {
  /** Several processes on several machines could share it. */
  readonly isServer: boolean;
  /** Tried in each run of the tests; others only when they are named. */
  readonly isUsual: boolean;
  /** Rejects with NotInstalled where this machine cannot have it. */
  start(): Promise<TestDatabase>;
}

/** Commits must outlive a crash here. */
const durable = { fsync: true };

const kinds = {
  sqlite: { isServer: false, isUsual: true, start: startSqlite },
  postgres: {
    isServer: true,
    isUsual: true,
    start: async () => databaseOf(await startPostgresServer(durable)),
  },
  mariadb: {
    isServer: true,
    isUsual: true,
    start: async () => databaseOf(await startMysqlServer({ kind: 'mariadb', ...durable })),
  },
  mysql: {
    isServer: true,
    isUsual: false,
    start: async () => databaseOf(await startMysqlServer({ kind: 'mysql', ...durable })),
  },
  cassandra: {
    isServer: true,
    isUsual: false,
    start: async () => databaseOf(await startCassandraServer({ durable: true, login: true })),
  },
} satisfies Record<string, DatabaseKind>;

export type DatabaseName = keyof typeof kinds;
export const databaseNames = Object.keys(kinds) as readonly DatabaseName[];
const usualNames = databaseNames.filter((name) => kinds[name].isUsual);

/** Those that a run of the tests is about: the ones DURAMESH_TEST_DB names, with commas between, or else `usual`. */
export function chosenDatabases(usual: readonly DatabaseName[] = usualNames): readonly DatabaseName[] {
  const wanted = process.env['DURAMESH_TEST_DB'] ?? '';
  if (wanted === '') return usual;
  return wanted.split(',').map((name) => {
    const known = databaseNames.find((it) => it === name.trim());
    if (known !== undefined) return known;
    throw new Error(`DURAMESH_TEST_DB: no database is called '${name}'; there are ${databaseNames.join(', ')}`);
  });
}

export const isServer = (name: DatabaseName): boolean => kinds[name].isServer;
export const startDatabase = (name: DatabaseName): Promise<TestDatabase> => kinds[name].start();

/** Long enough that somebody notices, not always so long that anybody gives up. */
const LONGEST_OUTAGE_MS = 1_500;

const databaseOf = (server: DatabaseServer): TestDatabase => ({
  create: () => server.createDatabase(),
  crash: async () => {
    await server.kill('SIGKILL');
    await pause(Math.random() * LONGEST_OUTAGE_MS);
    await server.restart();
  },
  server,
  stop: () => server.stop(),
});

/** A new database that a server can start on. */
export async function createWithSchema(database: TestDatabase): Promise<string> {
  const url = await database.create();
  const { code, err } = await duramesh(['schema', 'setup', '--db', url]);
  assert.equal(code, 0, err);
  return url;
}

/** `duramesh fsck` finds nothing. */
export async function assertClean(url: string): Promise<void> {
  const { code, out, err } = await duramesh(['fsck', '--db', url]);
  assert.equal(code, 0, `${out.slice(0, 5_000)}${err}`);
  assert.match(out, /^clean: /m);
}

async function startSqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-sqlite-'));
  let created = 0;
  return {
    create: async () => `sqlite:${path.join(folder, `${(created += 1)}.sqlite`)}`,
    crash: undefined,
    server: undefined,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
