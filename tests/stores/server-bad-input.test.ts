import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createWithSchema } from '../support/databases.ts';
import { duramesh } from '../support/duramesh.ts';
import { startServer } from '../support/server-process.ts';
import { until, within } from '../support/until.ts';
import { aDatabaseServer } from './every-database.ts';
import { type Mishap, mishapsOf, PASSWORD } from './mishaps.ts';

const WITHIN_MS = 30_000;
const main = path.join(import.meta.dirname, '..', '..', 'apps', 'duramesh', 'src', 'main.ts');

/** One line for people: no stack, no password. */
function assertLine(text: string, says: RegExp): void {
  assert.match(text, /^duramesh: [^\n]*\n$/);
  assert.match(text, says);
  assert.ok(!text.includes(PASSWORD), text);
}

async function startRefuses({ url, says }: Mishap): Promise<void> {
  const { code, out, err } = await duramesh(['start', '--port', '0', '--log-format', 'json', '--db', url]);
  assert.equal(code, 1, out + err);
  assertLine(err, says);
  assert.ok(!out.includes(PASSWORD), out);
}

/** @returns once it has said that it waits, a way to end it */
function startWaiting(url: string) {
  const child = spawn(process.execPath, [main, 'start', '--port', '0', '--log-format', 'json', '--db', url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  const says = async (pattern: RegExp): Promise<void> => {
    await until(() => pattern.test(text), { what: `it says ${String(pattern)}, not ${text}`, withinMs: WITHIN_MS });
  };
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await within(ended, { what: 'it stops', withinMs: WITHIN_MS });
    assert.equal(code, 0, text);
    assert.ok(!text.includes(PASSWORD), text);
  };
  return { says, stop };
}

/** @returns what is told */
async function assertTold(mishap: Mishap): Promise<string> {
  const { what, url, says, code } = mishap;
  const status = await duramesh(['schema', 'status', '--db', url]);
  assert.equal(status.code, code, `${what}: ${status.out}${status.err}`);
  if (code === 1) assertLine(status.err, says);
  if (mishap.waits) {
    const waiting = startWaiting(url);
    await waiting.says(/Waiting for the database/);
    await waiting.says(says);
    await waiting.stop();
  } else await startRefuses(mishap);
  return `${what}: ${status.err}${status.out}`.trim();
}

aDatabaseServer({
  'what people get wrong is told by one line, and ends the process where waiting would not help': async (test) => {
    const { name, database, t } = test;
    const told = await Promise.all((await mishapsOf(name, database)).map(assertTold));
    t.diagnostic(told.join('\n'));
  },

  'a server that starts while its database is away says so, and starts when it is back': async ({ database }) => {
    const { server } = database;
    assert.ok(server);
    const url = await createWithSchema(database);
    await server.kill('SIGKILL');
    const waiting = startWaiting(url);
    await waiting.says(/Waiting for the database/);
    await server.restart();
    await waiting.says(/Duramesh is ready/);
    await waiting.stop();
    await using again = await startServer({ db: url });
    assert.ok(again.address);
  },
});
