// Finds the programs of a PostgreSQL server for tests, installing them when there are none. Prints their folder.
import { globSync } from 'node:fs';
import path from 'node:path';
import { ensure, isExecutable, onPath, type Wanted, withApt } from './binaries.ts';

/** Where systems keep what is not on the PATH: Debian, Red Hat, Homebrew, Postgres.app. */
const FOLDERS = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

const version = (folder: string): number => Number(/(\d+)(?:\.\d+)?\/bin$/.exec(folder)?.[1] ?? 0);

function find(): string | undefined {
  const folders = globSync(FOLDERS).sort((a, b) => version(b) - version(a));
  const postgres = onPath('postgres', folders);
  const folder = postgres && path.dirname(postgres);
  return folder !== undefined && isExecutable(path.join(folder, 'initdb')) ? folder : undefined;
}

const postgres: Wanted<string> = {
  name: 'PostgreSQL',
  find,
  ways: [withApt('postgresql')],
  advice:
    'install PostgreSQL 14 or newer (https://www.postgresql.org/download), or name its bin folder in POSTGRES_BIN',
};

/** @returns the folder that holds `postgres` and `initdb` */
export async function ensurePostgres(): Promise<string> {
  return process.env['POSTGRES_BIN'] || ensure(postgres);
}

if (import.meta.main) process.stdout.write(`${await ensurePostgres()}\n`);
