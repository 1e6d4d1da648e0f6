import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { mutants } from './mutants.ts';
import { play } from './play.ts';

/** Every planted bug must show itself within so many seeds. */
const SEEDS = 500;

/** Each is played in a process of its own. */
suite('planted bugs', { concurrency: 2 }, () => {
  for (const { name, from = 1 } of mutants) {
    test(`the simulation finds the planted bug: ${name}`, async (t) => {
      const { played, failed, broken } = await play(from, from + SEEDS - 1, { mutant: name, stop: true });
      t.diagnostic(`found by seed ${played}: ${broken[0]?.slice(0, 200)}`);
      assert.ok(failed > 0, `${SEEDS} seeds did not notice`);
    });
  }
});
