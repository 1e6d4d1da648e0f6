// npm run recordings [-- --only TEXT] [--match REGEX] [--passing] [--diff N] [--address HOST:PORT] [--db URL]: starts a
// server and compares its answers with recordings of the reference, which lie beside this repository. Those that do not
// pass yet are committed by name, and the list only gets shorter; --passing leaves them out. With --only or --match nothing
// is compared with the list.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const runner = path.join(root, '..', 'shared', 'conformance', 'run.mjs');
const ratchetName = 'tests/conformance/recordings.json';
const ratchetFile = path.join(root, ratchetName);

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 15_000;
const RUN_LIMIT_MS = 12 * 60_000;
const POLL_MS = 50;

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The titles of those that failed. */
  readonly failures: readonly string[];
}

/** The outcome, and what the runner printed: for each failure its title and the first differences, indented. */
interface Report extends Outcome {
  readonly text: string;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    match: { type: 'string' },
    passing: { type: 'boolean', default: false },
    db: { type: 'string' },
    diff: { type: 'string' },
    address: { type: 'string' },
    jobs: { type: 'string' },
  },
});

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

interface Selection {
  readonly only?: string | undefined;
  readonly match?: string | undefined;
}

/** Runs the selected recordings against the server at `address`. */
async function run(address: string, { only, match }: Selection): Promise<Report> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-outcome-'));
  const report = path.join(folder, 'outcome.json');
  const options = [
    only !== undefined && ['--only', only],
    match !== undefined && ['--match', match],
    ['--diff', values.diff ?? '12'],
    values.jobs !== undefined && ['--jobs', values.jobs],
  ];
  const args = [runner, '--address', address, '--json', report, ...options.filter((option) => option !== false).flat()];
  // A file and not a pipe: the runner ends itself, and what it had not written to a pipe by then would be lost.
  const printed = path.join(folder, 'printed.txt');
  const output = openSync(printed, 'w');
  try {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', output, 'inherit'],
      timeout: RUN_LIMIT_MS,
    });
    await once(child, 'exit');
    const text = readFileSync(printed, 'utf8');
    if (!existsSync(report))
      throw new Error(
        `the recordings did not come to an end (${child.signalCode ?? child.exitCode})\n${text.slice(-2000)}`,
      );
    return { ...(JSON.parse(readFileSync(report, 'utf8')) as Outcome), text };
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}

/** The lines that count each area, or everything the runner printed. */
function print({ text }: Report, everything: boolean): void {
  const lines = text.split('\n').filter((line) => everything || /^[\w-]+ +\d+\/\d+$/.test(line));
  console.log(lines.join('\n').trimEnd());
}

/** What the runner printed of one failure. */
function differencesOf({ text }: Report, title: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(`✗ ${title}`);
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith('    '));
  return lines.slice(start, start + 1 + length).join('\n');
}

const literally = (title: string): string => title.replaceAll(/[^\w ]/g, String.raw`\$&`);

/** Matches every title but these. */
const allBut = (titles: ReadonlySet<string>): string => `^(?!(${[...titles].map(literally).join('|')})$)`;

/**
 * Compares all of them with the committed list. One that fails and is not in it is shown and played once more alone:
 * the recordings hold real times, and one that a busy machine was late for is no difference to the reference.
 */
async function compareWithList(address: string): Promise<boolean> {
  const known = new Set((JSON.parse(readFileSync(ratchetFile, 'utf8')) as { failing: string[] }).failing);
  const report = await run(address, values.passing ? { match: allBut(known) } : {});
  print(report, values.diff !== undefined);
  const failures = new Set(report.failures);
  const mended = values.passing ? [] : [...known].filter((title) => !failures.has(title));
  if (mended.length > 0) console.log(`recordings: take out of ${ratchetName}, they pass:\n  ${mended.join('\n  ')}`);
  const lost = report.failures.filter((each) => !known.has(each));
  let late = 0;
  for (const title of lost) {
    console.log(`recordings: this one passed before\n${differencesOf(report, title)}`);
    const again = await run(address, { match: `^${literally(title)}$` });
    console.log(again.failed === 0 ? '  it passes alone: it was late' : '  it fails alone too');
    if (again.failed === 0) late += 1;
  }
  const wanted = report.passed - mended.length + lost.length;
  console.log(
    `recordings: ${wanted - lost.length + late} of ${wanted} pass, ${late} of them late; ${known.size} are known not to`,
  );
  return late === lost.length;
}

async function compare(address: string): Promise<boolean> {
  if (values.only === undefined && values.match === undefined) return await compareWithList(address);
  const report = await run(address, values);
  print(report, true);
  return report.failed === 0;
}

if (!existsSync(runner)) {
  console.log('recordings: none beside this repository (../shared/conformance), nothing to compare');
} else {
  const { address } = values;
  const good = await (address === undefined ? withServer(compare) : compare(address));
  process.exitCode = good ? 0 : 1;
}
