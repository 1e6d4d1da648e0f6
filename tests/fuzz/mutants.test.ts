import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutants } from './mutants.ts';
import { play } from './play.ts';

/** Every planted bug must show itself within so many seeds. */
const SEEDS = 300;

for (const { name } of mutants) {
  test(`the fuzzing finds the planted bug: ${name}`, async (t) => {
    const { failed, output } = await play(1, SEEDS, { requests: 1_000, mutant: name });
    t.diagnostic(output.slice(0, 160));
    assert.ok(failed > 0, `${SEEDS} seeds did not notice`);
  });
}
