import { readFileSync } from 'node:fs';
import { openSchemaTool } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import type { MysqlKind } from '../../scripts/mysql-server.ts';
import { startCassandraServer } from '../support/cassandra-server.ts';
import { startMysqlServer } from '../support/mysql-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { childrenOf } from '../support/process-table.ts';

/** What a database has used since it started. */
export interface DatabaseUsage {
  /** Of all its processes. */
  readonly cpuMs: number;
  /** Transactions that wrote, or were counted as such. */
  readonly commits: number;
  /** undefined where the database does not tell. */
  readonly logBytes: number | undefined;
}

/** A database server of the bench's own, durable, with its schema set up. */
export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  usage(): Promise<DatabaseUsage>;
}

/** USER_HZ, fixed in the interface of Linux. */
const TICKS_PER_SECOND = 100;

/** Processor time in ms of a process and of those it has started, also of those that have ended. Linux only. */
function cpuMsOfTree(pid: number): number {
  const ticks = [pid, ...childrenOf(pid)].reduce((sum, process) => sum + ticksOf(process), 0);
  return (ticks * 1000) / TICKS_PER_SECOND;
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Its own and its ended children's, in user and in system mode.
    return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  } catch {
    return 0;
  }
}

async function startPostgres(): Promise<BenchDatabase> {
  const server = await startPostgresServer({ fsync: true, settings: { shared_buffers: '256MB', max_wal_size: '4GB' } });
  const name = 'bench';
  const tool = await openSchemaTool(server.url(name), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  return {
    url: server.url(name),
    async usage() {
      const [row] = await server.query(
        `SELECT pg_stat_force_next_flush(), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS log,
           (SELECT xact_commit FROM pg_stat_database WHERE datname = '${name}')::float8 AS commits`,
      );
      return { cpuMs: cpuMsOfTree(server.pid), commits: Number(row?.['commits']), logBytes: Number(row?.['log']) };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function startMysql(kind: MysqlKind): Promise<BenchDatabase> {
  const settings = { 'innodb-buffer-pool-size': '256M' };
  const server = await startMysqlServer({ kind, fsync: true, settings });
  const name = 'bench';
  const tool = await openSchemaTool(server.url(name), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  return {
    url: server.url(name),
    async usage() {
      const rows = await server.query(
        `SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_commit', 'Innodb_os_log_written')`,
      );
      const status = new Map(rows.map((row) => [row['Variable_name'], Number(row['Value'])]));
      return {
        cpuMs: cpuMsOfTree(server.pid),
        commits: status.get('Com_commit') ?? 0,
        logBytes: status.get('Innodb_os_log_written') ?? 0,
      };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function startCassandra(): Promise<BenchDatabase> {
  const server = await startCassandraServer({ durable: true });
  const url = server.url('bench');
  const tool = await openSchemaTool(url, { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  return {
    url,
    async usage() {
      const pools = await server.query('SELECT name, completed_tasks FROM system_views.thread_pools');
      // Each waits for the log; a conditional batch is several, for its ballot, its proposal and its commit.
      const mutations = pools.find((row) => row['name'] === 'MutationStage');
      const commits = Number(mutations?.['completed_tasks'] ?? 0);
      return { cpuMs: cpuMsOfTree(server.pid), commits, logBytes: undefined };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

export const benchDatabases: Readonly<Record<string, () => Promise<BenchDatabase>>> = {
  cassandra: startCassandra,
  mariadb: () => startMysql('mariadb'),
  mysql: () => startMysql('mysql'),
  postgres: startPostgres,
};
