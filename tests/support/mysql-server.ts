import { type ChildProcess, execFileSync, type ExecFileSyncOptions, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { ensureMysql, type MysqlKind, type MysqlPrograms } from '../../scripts/mysql-server.ts';
import { endProcess, haltProcesses } from './signals.ts';
import { freePortBlock } from './free-ports.ts';
import { until } from './until.ts';

const START_LIMIT_MS = 60_000;
const QUERY_LIMIT_MS = 10_000;
const cache = path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache');

export interface MysqlServerOptions {
  readonly kind: MysqlKind;
  /** Off for tests that never kill the server: commits then cost no disk. */
  readonly fsync?: boolean;
  /** Further settings, named as on the command line. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A database server of a test's own, on a loopback port, with its data in a folder that goes with it. */
export interface MysqlServer {
  readonly kind: MysqlKind;
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  /** `mysql://…` of a database, for the superuser. */
  url(database?: string): string;
  /** Makes an empty database. @returns its URL */
  createDatabase(name?: string): Promise<string>;
  /** Runs SQL as the superuser. @returns the rows */
  query(text: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** `SIGKILL` ends the server as a crash would; `SIGSTOP` resolves when it stands still, `SIGCONT` at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data; what was acknowledged must be there. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

interface Installation {
  readonly programs: MysqlPrograms;
  readonly folder: string;
  readonly data: string;
}

/** The servers refuse to run as root unless told so. */
const user = process.getuid?.() === 0 ? ['--user=root'] : [];

const common = ({ home }: MysqlPrograms, data: string): string[] => [
  '--no-defaults',
  ...user,
  `--datadir=${data}`,
  ...(home === undefined ? [] : [`--basedir=${home}`, `--lc-messages-dir=${path.join(home, 'share')}`]),
];

/** An empty data folder of MySQL knows the superuser on the socket only. */
const LET_IN = `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
`;

/** Small logs: an empty data folder is copied for each server. */
const LOG_SIZE = '--innodb-log-file-size=16M';

/** Making an empty data folder takes seconds, copying one does not. */
function copyEmptyData(kind: MysqlKind, programs: MysqlPrograms, data: string): void {
  const template = path.join(cache, `${kind}-data`);
  if (!existsSync(template)) {
    const made = mkdtempSync(path.join(tmpdir(), `duramesh-${kind}-data-`));
    const args = common(programs, path.join(made, 'data'));
    const stdio: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] };
    if (programs.installer === undefined)
      execFileSync(programs.server, [...args, LOG_SIZE, '--initialize-insecure'], stdio);
    else {
      const login = ['--auth-root-authentication-method=normal', '--skip-test-db'];
      execFileSync(programs.installer, [...args, ...login, LOG_SIZE], stdio);
    }
    const copied = path.join(cache, `${kind}-data-${process.pid}`);
    mkdirSync(cache, { recursive: true });
    cpSync(path.join(made, 'data'), copied, { recursive: true });
    rmSync(made, { recursive: true });
    // Whoever comes second finds it done.
    if (existsSync(template)) rmSync(copied, { recursive: true });
    else renameSync(copied, template);
  }
  cpSync(template, data, { recursive: true });
}

async function install(kind: MysqlKind): Promise<Installation> {
  const programs = await ensureMysql(kind);
  const folder = mkdtempSync(path.join(tmpdir(), `duramesh-${kind}-`));
  const data = path.join(folder, 'data');
  copyEmptyData(kind, programs, data);
  writeFileSync(path.join(folder, 'init.sql'), kind === 'mysql' ? LET_IN : '');
  return { programs, folder, data };
}

async function launch(
  { programs, folder, data }: Installation,
  settings: ReadonlyMap<string, string>,
): Promise<ChildProcess> {
  const log = path.join(folder, 'server.log');
  const flags = [...settings].map(([name, value]) => `--${name}=${value}`);
  const own = { socket: 'socket', 'pid-file': 'pid', 'init-file': 'init.sql', 'log-error': 'server.log' };
  const files = Object.entries(own).map(([name, file]) => `--${name}=${path.join(folder, file)}`);
  const args = [...common(programs, data), ...files, LOG_SIZE];
  const child = spawn(programs.server, [...args, ...flags], { cwd: folder, stdio: 'ignore' });
  const port = Number(settings.get('port'));
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode === null) await queryAt({ port, text: 'SELECT 1' });
    return true;
  };
  await until(isReady, { what: 'the database server starts', withinMs: START_LIMIT_MS });
  if (child.exitCode !== null) throw new Error(`the database server did not start:\n${readFileSync(log, 'utf8')}`);
  return child;
}

async function queryAt(query: {
  readonly port: number;
  readonly text: string;
  readonly database?: string | undefined;
}): Promise<readonly Record<string, unknown>[]> {
  const { port, text, database } = query;
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    connectTimeout: QUERY_LIMIT_MS,
    multipleStatements: true,
    ...(database !== undefined && { database }),
  });
  try {
    const [rows] = await connection.query(text);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}

function settingsOf({ kind, fsync = false, settings = {} }: MysqlServerOptions, port: number): Map<string, string> {
  const own: Record<string, string | number> = kind === 'mysql' ? { mysqlx: 'OFF', 'disable-log-bin': 1 } : {};
  const all = {
    port,
    'bind-address': '127.0.0.1',
    'skip-name-resolve': 1,
    'innodb-buffer-pool-size': '64M',
    'innodb-flush-log-at-trx-commit': fsync ? 1 : 0,
    'innodb-doublewrite': fsync ? 1 : 0,
    ...own,
    ...settings,
  };
  return new Map(Object.entries(all).map(([name, value]) => [name, String(value)]));
}

export async function startMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  const { kind } = options;
  const installation = await install(kind);
  const { folder } = installation;
  const port = await freePortBlock([0]);
  const settings = settingsOf(options, port);
  let child = await launch(installation, settings);
  const onExit = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const url = (database = 'mysql'): string => `mysql://root@127.0.0.1:${port}/${database}`;
  const query = (text: string, database?: string): Promise<readonly Record<string, unknown>[]> =>
    queryAt({ port, text, database });
  let databases = 0;
  return {
    kind,
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
    async kill(signal) {
      if (signal === 'SIGSTOP') await haltProcesses(child.pid ?? 0);
      else if (signal === 'SIGCONT') child.kill(signal);
      else await endProcess(child, signal);
    },
    async restart() {
      await endProcess(child, 'SIGTERM');
      child = await launch(installation, settings);
    },
    async stop() {
      process.off('exit', onExit);
      await endProcess(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
