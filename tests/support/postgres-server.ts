import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ensurePostgres } from '../../scripts/postgres-server.ts';
import { endProcess, haltProcesses } from './signals.ts';
import { freePortBlock } from './free-ports.ts';
import { childrenOf, statesOf } from './process-table.ts';
import { until } from './until.ts';

const START_LIMIT_MS = 60_000;
const GONE_WITHIN_MS = 10_000;
const SUPERUSER = 'postgres';

export interface PostgresServerOptions {
  /** Off for tests that never kill the server: commits then cost no disk. */
  readonly fsync?: boolean;
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A database server of a test's own, on a loopback port, with its data in a folder that goes with it. */
export interface PostgresServer {
  readonly port: number;
  readonly folder: string;
  /** Of the process that the others belong to. */
  readonly pid: number;
  /** `postgres://…` of a database, for the superuser. */
  url(database?: string): string;
  /** Makes an empty database. @returns its URL */
  createDatabase(name?: string): Promise<string>;
  /** Runs SQL as the superuser, in the database `postgres` unless told. @returns the rows */
  query(text: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** A connection of the superuser that goes on until it is ended. */
  session(database?: string): Promise<pg.Client>;
  /** `SIGKILL` ends the server and what belongs to it as a crash would; `SIGSTOP` resolves when it stands still, `SIGCONT` at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data; what was acknowledged must be there. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/** The server refuses to run as root; its package brings a user for it. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, SUPERUSER], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

interface Installation {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly as: { uid?: number; gid?: number };
}

async function install(): Promise<Installation> {
  const bin = await ensurePostgres();
  const as = unprivileged();
  const folder = mkdtempSync(path.join(tmpdir(), 'duramesh-postgres-'));
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  const data = path.join(folder, 'data');
  const args = ['-D', data, '-U', SUPERUSER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--no-locale'];
  execFileSync(path.join(bin, 'initdb'), args, { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return { bin, folder, data, as };
}

/** The processes of the connections outlive a killed server; a crash of the machine would take them too. */
async function crash(child: ChildProcess, pid: number): Promise<void> {
  // Stands still first, so that it starts nothing in the place of what is killed.
  await haltProcesses(pid);
  const children = childrenOf(pid);
  for (const other of children) process.kill(other, 'SIGKILL');
  await endProcess(child, 'SIGKILL');
  // As long as one of them holds the shared memory the server does not start again.
  const areGone = (): boolean => statesOf(children).every((state) => state.startsWith('Z'));
  await until(areGone, { what: 'the processes of a killed PostgreSQL are gone', withinMs: GONE_WITHIN_MS });
}

async function launch(
  { bin, folder, data, as }: Installation,
  settings: ReadonlyMap<string, string>,
): Promise<ChildProcess> {
  const flags = [...settings].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(path.join(bin, 'postgres'), ['-D', data, ...flags], {
    ...as,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
  const port = Number(settings.get('port'));
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode === null) await withClient({ port, database: 'postgres' }, async () => {});
    return true;
  };
  await until(isReady, { what: 'PostgreSQL starts', withinMs: START_LIMIT_MS });
  if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${log}`);
  return child;
}

async function withClient<T>(
  { port, database }: { readonly port: number; readonly database: string },
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ host: '127.0.0.1', port, database, user: SUPERUSER });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const isUp = child.exitCode === null && child.signalCode === null;
  if (isUp && signal === 'SIGKILL' && child.pid !== undefined) await crash(child, child.pid);
  else await endProcess(child, signal);
}

export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const installation = await install();
  const { folder } = installation;
  const port = await freePortBlock([0]);
  const isDurable = options.fsync === true;
  const settings = new Map(
    Object.entries({
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      max_connections: 200,
      fsync: isDurable ? 'on' : 'off',
      synchronous_commit: isDurable ? 'on' : 'off',
      full_page_writes: isDurable ? 'on' : 'off',
      ...options.settings,
    }).map(([name, value]) => [name, String(value)]),
  );
  let child = await launch(installation, settings);
  const onExit = (): void => {
    child.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const url = (database = 'postgres'): string => `postgres://${SUPERUSER}@127.0.0.1:${port}/${database}`;
  const query = (text: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> =>
    withClient({ port, database }, async (client) => (await client.query(text)).rows);
  let databases = 0;
  return {
    port,
    folder,
    get pid() {
      return child.pid ?? 0;
    },
    url,
    async createDatabase(name = `test_${++databases}`) {
      await query(`CREATE DATABASE ${name}`);
      return url(name);
    },
    query,
    async session(database = 'postgres') {
      const client = new pg.Client({ host: '127.0.0.1', port, database, user: SUPERUSER });
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    async kill(signal) {
      if (signal === 'SIGSTOP') await haltProcesses(child.pid ?? 0);
      else if (signal === 'SIGCONT' || signal === 'SIGHUP') child.kill(signal);
      else await end(child, signal);
    },
    async restart() {
      await end(child, 'SIGQUIT');
      child = await launch(installation, settings);
    },
    async stop() {
      process.off('exit', onExit);
      await end(child, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
