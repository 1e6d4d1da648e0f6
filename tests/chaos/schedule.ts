import { Dice, seededRandom } from '@duramesh/runtime';
import type { Mishap } from './mishaps/mishap.ts';
import type { Play } from './play.ts';

const SHORTEST_OUTAGE_MS = 300;
const LONGEST_OUTAGE_MS = 5_000;
const MISHAPS_AT_MOST = 2;

/** What a seed stands for: one or two mishaps, for how long, and what clients do meanwhile. */
export function drawPlay(seed: number, mishaps: readonly Mishap[]): Play {
  const dice = new Dice(seededRandom(seed));
  return {
    seed,
    mishaps: Array.from({ length: dice.between(1, MISHAPS_AT_MOST) }, () => dice.pick(mishaps)),
    outageMs: dice.between(SHORTEST_OUTAGE_MS, LONGEST_OUTAGE_MS),
    calmOperations: dice.between(20, 60),
    load: { ids: dice.between(2, 16), lanes: dice.between(4, 12), thinkMs: dice.between(50, 200) },
  };
}
