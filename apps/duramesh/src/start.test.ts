import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-start-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  /** Resolves with the exit code and everything printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Resolves when a line of the output matches. */
  line(pattern: RegExp): Promise<string>;
}

function duramesh(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = out.split('\n').find((it) => pattern.test(it));
      if (found !== undefined) return found;
      const more = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
      assert.ok(more, `it ended without ${String(pattern)}: ${out}${err}`);
    }
  };
  return { child, ended, line };
}

const startOn = (data: string, ...more: readonly string[]): Run =>
  duramesh('start', '--port', '0', '--data', path.join(folder, data), ...more);

test('it says in five lines what listens where, answers for its health, and stops in order on SIGTERM', async () => {
  const run = startOn('a', '--log-format', 'text', '--namespace', 'orders');
  const watching = await run.line(/^ {2}Watching/);
  const metrics = /http:\S+/.exec(watching)?.[0] ?? '';
  const health = await fetch(metrics.replace('/metrics', '/health'));
  assert.equal(health.status, 200, await health.text());
  assert.match(await (await fetch(metrics)).text(), /^process_cpu_seconds_total \d/m);
  run.child.kill('SIGTERM');
  const { code, out, err } = await run.ended;
  assert.equal(code, 0, err);
  assert.match(out, /^Duramesh \d+\.\d+\.\d+, ready \d+ ms after its start/m);
  assert.match(out, /^ {2}SDKs {6}127\.0\.0\.1:\d+ {2}\(namespaces: default, orders\)$/m);
  assert.match(out, /^ {2}Services {2}frontend :\d+, history :\d+, matching :\d+, worker :\d+; bus: in memory$/m);
  assert.match(out, /^ {2}Data {6}sqlite:.*duramesh\.sqlite {2}\(1024 shards\)$/m);
});

test('machines get the same as one JSON line', async () => {
  const run = startOn('b', '--log-format', 'json');
  const { ports, metrics } = JSON.parse(await run.line(/Duramesh is ready/)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(ports as object), ['frontend', 'history', 'matching', 'worker']);
  assert.match(String(metrics), /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 0);
});

test('data that another server uses is left alone, with a line that says what to do', async () => {
  const first = startOn('c', '--log-format', 'json');
  await first.line(/Duramesh is ready/);
  const { code, err } = await startOn('c').ended;
  assert.equal(code, 1);
  assert.match(
    err,
    /^duramesh: .*duramesh\.sqlite is in use by another server: stop that one, or give another --data\n$/,
  );
  first.child.kill('SIGKILL');
  await first.ended;
  const again = startOn('c', '--log-format', 'json');
  await again.line(/Duramesh is ready/);
  again.child.kill('SIGTERM');
  assert.equal((await again.ended).code, 0);
});

test('a port in use is named, with the flag that changes it', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { code, err } = await startOn('d', '--port', String(port), '--metrics-port', '0').ended;
  taken.close();
  assert.equal(code, 1);
  assert.equal(
    err,
    `duramesh: port ${port} for frontend is in use: stop what listens there, or choose another with --port\n`,
  );
});

test('a broker that is away at the start is named', async () => {
  const { code, err } = await startOn('e', '--nats', 'nats://127.0.0.1:1').ended;
  assert.equal(code, 1);
  assert.equal(err, 'duramesh: 127.0.0.1:1 refuses connections: start the broker, or correct --nats\n');
});

test('settings that make no sense, folders and files that cannot be used end in one line', async () => {
  const settings = await duramesh('start', '--services', 'frontend').ended;
  assert.equal(settings.code, 2);
  assert.match(settings.err, /^duramesh: history, matching, worker would run elsewhere: give --nats URL.*\n$/);
  const file = path.join(folder, 'file');
  writeFileSync(file, 'no database, but long enough to look like something else entirely');
  const below = await duramesh('start', '--port', '0', '--data', path.join(file, 'below')).ended;
  assert.deepEqual([below.code, below.err.split('\n').length], [1, 2], below.err);
  const other = await duramesh('start', '--port', '0', '--db', `sqlite:${file}`).ended;
  assert.equal(other.code, 1);
  assert.match(other.err, /^duramesh: the SQLite file .* is not a SQLite database: .*\n$/);
  const unknown = await duramesh('strat').ended;
  assert.deepEqual([unknown.code, unknown.err.split('\n').length], [2, 2]);
});

test('help, limits and the version are printed without starting anything', async () => {
  assert.match((await duramesh('--help').ended).out, /--search-attribute KEY=TYPE/);
  assert.match((await duramesh('start', '--help').ended).out, /--search-attribute KEY=TYPE/);
  assert.match((await duramesh('limits').ended).out, /limit\.blobSize\.error +2MiB/);
  assert.match((await duramesh('--version').ended).out, /^duramesh \d+\.\d+\.\d+\n$/);
});
