import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { playSeed } from './play-seed.ts';
import { rpcs } from './requests.ts';

/** How many seeds one run of the tests plays; the first seed can be moved to see others. */
const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 110);
const FIRST = Number(process.env['FUZZ_SEED'] ?? 1);
const REQUESTS_PER_SEED = 1_000;

interface Played {
  readonly exitCode: number | null;
  readonly asked: number;
  readonly failed: number;
  readonly runs: number;
  /** What was broken, or what a process said that died. */
  readonly output: string;
  readonly answers: ReadonlyMap<string, number>;
}

/** Plays seeds in a process of its own: one that dies of a request is seen from outside. */
async function play(from: number, to: number): Promise<Played> {
  const file = path.join(import.meta.dirname, 'run.ts');
  const args = [file, String(from), String(to), '--requests', String(REQUESTS_PER_SEED), '--answers'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = output.trim().split('\n');
  const summary = lines.at(-1) ?? '';
  if (!summary.startsWith('{')) return { exitCode, asked: 0, failed: 1, runs: 0, output, answers: new Map() };
  const { asked, failed, runs } = JSON.parse(summary) as Pick<Played, 'asked' | 'failed' | 'runs'>;
  const answers = new Map<string, number>();
  for (const line of lines) {
    const [, answer, count] = /^([A-Z]\w+ [A-Z_]+) (\d+)$/.exec(line) ?? [];
    if (answer) answers.set(answer, Number(count));
  }
  return { exitCode, asked, failed, runs, output, answers };
}

test('the same seed asks the same and is answered the same', async () => {
  const [first, second] = [await playSeed({ seed: 7, requests: 400 }), await playSeed({ seed: 7, requests: 400 })];
  assert.deepEqual([...second.answers], [...first.answers]);
});

test(`whatever is asked in ${SEEDS} seeds is answered, and no run comes to harm by it`, async (t) => {
  t.diagnostic(`FUZZ_SEED=${FIRST}; node tests/fuzz/run.ts SEED plays one of them`);
  const middle = FIRST + Math.floor(SEEDS / 2);
  const halves = await Promise.all([play(FIRST, middle - 1), play(middle, FIRST + SEEDS - 1)]);
  for (const { exitCode, failed, output } of halves)
    assert.deepEqual([exitCode, failed], [0, 0], output.slice(0, 20_000));
  const sum = (of: (half: Played) => number): number => halves.reduce((total, half) => total + of(half), 0);
  t.diagnostic(`${sum(({ asked }) => asked)} requests, ${sum(({ runs }) => runs)} runs read again`);
  assert.ok(sum(({ asked }) => asked) >= SEEDS * REQUESTS_PER_SEED * 0.92);
  const asked = (name: string): number =>
    sum(({ answers }) =>
      [...answers].reduce((n, [answer, count]) => (answer.startsWith(`${name} `) ? n + count : n), 0),
    );
  const few = rpcs.filter(({ name }) => asked(name) < SEEDS).map(({ name }) => name);
  assert.deepEqual(few, [], 'every RPC is asked at least once a seed on average');
});
