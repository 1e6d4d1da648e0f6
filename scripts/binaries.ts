// How the servers that tests need are found on this machine, or installed under node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const INSTALL_LIMIT_MS = 600_000;
const LOCK_POLL_MS = 200;
const cacheRoot = path.join(import.meta.dirname, '..', 'node_modules', '.cache');

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Looks on the PATH, then where systems keep servers. */
export function onPath(name: string, otherFolders: readonly string[] = []): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const all = [...folders, '/usr/sbin', '/usr/local/bin', ...otherFolders];
  return all.map((folder) => path.join(folder, name)).find(isExecutable);
}

export const isRoot = (): boolean => process.getuid?.() === 0;

export type Run = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv) => boolean;

/** One way to install something. */
export interface Way {
  /** The program without which it need not be tried. */
  readonly needs: string;
  /** Puts it below `folder`, or on the system. */
  install(folder: string, run: Run): void;
}

/** Packages of a Debian system, which only root may install. */
export const withApt = (...packages: readonly string[]): Way => ({
  needs: 'apt-get',
  install(_folder, run) {
    if (!isRoot()) return;
    const args = ['install', '-y', '--no-install-recommends', ...packages];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    // Lists of packages are refreshed only when they name none, or an old one.
    if (!run('apt-get', args, env) && run('apt-get', ['update'], env)) run('apt-get', args, env);
  },
});

export interface Wanted<T> {
  /** Names its folder below node_modules/.cache. */
  readonly name: string;
  /** Looks on the system and in `cache`, where ways put what they install. */
  readonly find: (cache: string) => T | undefined;
  /** Tried in this order until something is found. */
  readonly ways: readonly Way[];
  /** What a person can do when no way worked. */
  readonly advice: string;
}

/** This machine has it not, and no way to install it worked. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** Finds what is there already. */
export const findInstalled = <T>({ name, find }: Wanted<T>): T | undefined => find(path.join(cacheRoot, name));

/** Finds what is wanted, installing it when it is nowhere. One process installs, the others wait for it. */
export async function ensure<T>(wanted: Wanted<T>): Promise<T> {
  const cache = path.join(cacheRoot, wanted.name);
  const lock = path.join(cache, 'installing');
  for (;;) {
    const found = wanted.find(cache);
    if (found !== undefined) return found;
    mkdirSync(cache, { recursive: true });
    try {
      mkdirSync(lock);
    } catch {
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > INSTALL_LIMIT_MS) rmSync(lock, { recursive: true });
      await sleep(LOCK_POLL_MS);
      continue;
    }
    try {
      return wanted.find(cache) ?? install(wanted, cache);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

function install<T>({ name, ways, find, advice }: Wanted<T>, cache: string): T {
  const run: Run = (command, args, env = {}) => {
    process.stderr.write(`${name}: ${command} ${args.join(' ')}\n`);
    const { status } = spawnSync(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, ...env },
      timeout: INSTALL_LIMIT_MS,
    });
    return status === 0;
  };
  for (const way of ways) {
    if (onPath(way.needs) === undefined) continue;
    way.install(cache, run);
    const found = find(cache);
    if (found !== undefined) return found;
  }
  throw new NotInstalled(`no ${name}: ${advice}`);
}
