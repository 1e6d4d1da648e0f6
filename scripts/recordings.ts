// npm run recordings [-- --only TEXT] [--match REGEX] [--diff N] [--address HOST:PORT] [--db URL]: starts a server and
// compares its answers with recordings of the reference, which lie beside this repository. The number that pass is
// committed and only rises. With --only or --match nothing is counted.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const runner = path.join(root, '..', 'shared', 'conformance', 'run.mjs');
const ratchetFile = path.join(root, 'tests', 'conformance', 'recordings.json');

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 15_000;
const RUN_LIMIT_MS = 12 * 60_000;
const POLL_MS = 50;

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    match: { type: 'string' },
    db: { type: 'string' },
    diff: { type: 'string' },
    address: { type: 'string' },
    jobs: { type: 'string' },
  },
});

const isPartial = values.only !== undefined || values.match !== undefined;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const running = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Starts a server on a fresh database, runs `use` against it and stops it, whatever comes. */
async function withServer<T>(use: (address: string) => Promise<T>): Promise<T> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'duramesh-recordings-'));
  const port = await freePort();
  const database = values.db === undefined ? ['--data', data] : ['--db', values.db];
  const flags = ['--port', String(port), ...database, '--log-level', 'error'];
  const server = spawn(process.execPath, ['apps/duramesh/src/main.ts', 'start', ...flags], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const stopWithUs = (): void => void server.kill('SIGKILL');
  process.once('exit', stopWithUs);
  try {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await accepts(port))) {
      if (!running(server))
        throw new Error(`the server ended with ${server.exitCode ?? server.signalCode} before it was ready`);
      if (performance.now() > deadline) throw new Error(`the server was not ready within ${READY_WITHIN_MS / 1000} s`);
      await sleep(POLL_MS);
    }
    return await use(`127.0.0.1:${port}`);
  } finally {
    await stop(server);
    process.off('exit', stopWithUs);
    rmSync(data, { recursive: true, force: true });
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (!running(server)) return;
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  const inTime = await Promise.race([exited.then(() => true), sleep(STOPPED_WITHIN_MS, false, { ref: false })]);
  if (inTime) return;
  console.error(`the server did not stop within ${STOPPED_WITHIN_MS / 1000} s of SIGTERM`);
  server.kill('SIGKILL');
  await exited;
}

/** Runs the recordings, prints the count of each area, and with `--only` or `--diff` the differences too. */
async function compare(address: string): Promise<Outcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-outcome-'));
  const report = path.join(folder, 'outcome.json');
  const options = [
    values.only && ['--only', values.only],
    values.match && ['--match', values.match],
    ['--diff', values.diff ?? '12'],
    values.jobs && ['--jobs', values.jobs],
  ];
  const args = [
    runner,
    '--address',
    address,
    '--json',
    report,
    ...options.filter((option) => option !== undefined).flat(),
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: RUN_LIMIT_MS,
  });
  const verbose = isPartial || values.diff !== undefined;
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  console.log(
    text
      .split('\n')
      .filter((line) => verbose || /^[\w-]+ +\d+\/\d+$/.test(line))
      .join('\n'),
  );
  try {
    if (!existsSync(report))
      throw new Error(
        `the recordings did not come to an end (${child.signalCode ?? child.exitCode})\n${text.slice(-2000)}`,
      );
    return JSON.parse(readFileSync(report, 'utf8')) as Outcome;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Says how the count stands to the committed one. */
function judge({ passed, failed }: Outcome): boolean {
  const committed = (JSON.parse(readFileSync(ratchetFile, 'utf8')) as { passed: number }).passed;
  console.log(`recordings: ${passed} of ${passed + failed} pass, ${committed} are committed`);
  if (passed < committed)
    console.error(`recordings: ${committed - passed} fewer than committed in ${path.relative(root, ratchetFile)}`);
  if (passed > committed)
    console.log(`recordings: raise the figure in ${path.relative(root, ratchetFile)} to ${passed}`);
  return passed >= committed;
}

if (!existsSync(runner)) {
  console.log('recordings: none beside this repository (../shared/conformance), nothing to compare');
} else {
  const { address } = values;
  const outcome = await (address === undefined ? withServer(compare) : compare(address));
  const good = isPartial ? outcome.failed === 0 : judge(outcome);
  process.exitCode = good ? 0 : 1;
}
