import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { play, type Played } from './play.ts';
import { playSeed } from './play-seed.ts';
import { rpcs } from './requests.ts';

/** How many seeds one run of the tests plays; the first seed can be moved to see others. */
const SEEDS = Number(process.env['FUZZ_SEEDS'] ?? 110);
const FIRST = Number(process.env['FUZZ_SEED'] ?? 1);
const requests = 1_000;
/** The rest are bytes that are no message: of them only the wire can tell. */
const DECODABLE = 0.92;

test('the same seed asks the same and is answered the same', async () => {
  const [first, second] = [await playSeed({ seed: 7, requests: 400 }), await playSeed({ seed: 7, requests: 400 })];
  assert.deepEqual([...second.answers], [...first.answers]);
});

test(`whatever is asked in ${SEEDS} seeds is answered, and no run comes to harm by it`, async (t) => {
  t.diagnostic(`FUZZ_SEED=${FIRST}; node tests/fuzz/run.ts SEED plays one of them`);
  const middle = FIRST + Math.floor(SEEDS / 2);
  const halves = await Promise.all([
    play(FIRST, middle - 1, { requests }),
    play(middle, FIRST + SEEDS - 1, { requests }),
  ]);
  for (const { exitCode, failed, output } of halves) {
    assert.deepEqual([exitCode, failed], [0, 0], output.slice(0, 20_000));
  }
  const sum = (of: (half: Played) => number): number => halves.reduce((total, half) => total + of(half), 0);
  t.diagnostic(`${sum(({ asked }) => asked)} requests, ${sum(({ runs }) => runs)} runs read again`);
  assert.ok(sum(({ asked }) => asked) >= SEEDS * requests * DECODABLE);
  const few = rpcs.filter(({ name }) => halves.reduce((total, half) => total + timesAsked(half, name), 0) < SEEDS);
  assert.deepEqual(
    few.map(({ name }) => name),
    [],
    'every RPC is asked at least once a seed on average',
  );
});

function timesAsked({ answers }: Played, name: string): number {
  let times = 0;
  for (const [answer, count] of answers) if (answer.startsWith(`${name} `)) times += count;
  return times;
}
