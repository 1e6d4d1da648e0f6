import { brokerMishaps } from './mishaps/brokers.ts';
import { clockMishaps } from './mishaps/clocks.ts';
import { databaseMishaps } from './mishaps/database.ts';
import { fullDisk } from './mishaps/disk.ts';
import type { Mishap } from './mishaps/mishap.ts';
import { networkMishaps } from './mishaps/network.ts';
import { ownerKilled, processMishaps, rollingRestart } from './mishaps/processes.ts';
import { oldAndNew } from './mishaps/versions.ts';
import type { Play } from './play.ts';
import { drawPlay } from './schedule.ts';
import type { StageName } from './stages.ts';

export interface PlanOptions {
  readonly form: 'short' | 'long' | 'schedules';
  readonly schedules: number;
  readonly seed: number;
  readonly only: string;
}

/** One play, and where. */
export interface Act {
  readonly title: string;
  readonly stage: StageName;
  readonly play: Play;
}

const SHORT_OUTAGE_MS = 5_000;
const LONG_OUTAGE_MS = 60_000;
/** Long enough that others have taken over. */
const KILLED_FOR_MS = 15_000;
const SHORT_KILLED_FOR_MS = 10_000;
const REPETITIONS = 10;
const SHORT_SCHEDULES = 2;
/** Of the ids in use, some three quarters have an open run: more than 200. */
const ROLLED_UNDER = { ids: 300, lanes: 24, thinkMs: 200 };
/** By then nearly every id is in use. */
const ROLLED_AFTER_OPERATIONS = 900;
/** As long as a restart of all takes on a busy machine. */
const ROLLED_AFTER_MS = 30_000;

const onCluster: readonly Mishap[] = [...processMishaps, ...brokerMishaps, ...databaseMishaps];
/** A stage with proxies can do all that one without can. */
export const drawable: readonly Mishap[] = [...onCluster, ...networkMishaps];

/** Few, each for another reason: an owner, what carries the calls, what keeps the state, what is rolled out. */
const shortNames = [
  'a history process is killed',
  'all brokers are dead',
  'the database is killed',
  'a matching process is paused',
];

export function plan({ form, schedules, seed, only }: PlanOptions): readonly Act[] {
  if (form === 'schedules') return scheduled(seed, schedules);
  const acts = form === 'short' ? shortForm(seed) : longForm(seed);
  return acts.filter(({ title }) => title.includes(only));
}

const scheduled = (seed: number, count: number): readonly Act[] =>
  Array.from({ length: count }, (_, at) => {
    const drawn = drawPlay(seed + at, drawable);
    const title = `schedule of seed ${seed + at}: ${drawn.mishaps.map(({ name }) => name).join(', then ')}`;
    return { title, stage: 'network', play: drawn };
  });

const actOf = (mishap: Mishap, shape: Omit<Play, 'mishaps'>): Act => ({
  title: mishap.name,
  stage: mishap.stage,
  play: { mishaps: [mishap], ...shape },
});

function shortForm(seed: number): readonly Act[] {
  const chosen = onCluster.filter(({ name }) => shortNames.some((text) => name.startsWith(text)));
  const acts = [...chosen, rollingRestart].map((mishap, at) =>
    actOf(mishap, { seed: seed + at, outageMs: mishap === ownerKilled ? SHORT_KILLED_FOR_MS : SHORT_OUTAGE_MS }),
  );
  return [...acts, ...scheduled(seed, SHORT_SCHEDULES)];
}

function longForm(seed: number): readonly Act[] {
  const shape = (at: number, outageMs: number): Omit<Play, 'mishaps'> => ({ seed: seed + at, outageMs });
  return [
    ...processMishaps.map((mishap, at) => actOf(mishap, shape(at, KILLED_FOR_MS))),
    repeated(ownerKilled, shape(0, KILLED_FOR_MS)),
    ...brokerMishaps.map((mishap, at) => actOf(mishap, shape(at, LONG_OUTAGE_MS))),
    ...databaseMishaps.map((mishap, at) => repeated(mishap, shape(at, LONG_OUTAGE_MS))),
    actOf(rollingRestart, {
      ...shape(0, 0),
      load: ROLLED_UNDER,
      calmOperations: ROLLED_AFTER_OPERATIONS,
      calmForMs: ROLLED_AFTER_MS,
    }),
    ...networkMishaps.map((mishap, at) => actOf(mishap, shape(at, KILLED_FOR_MS))),
    ...clockMishaps.map((mishap, at) => actOf(mishap, shape(at, KILLED_FOR_MS))),
    actOf(fullDisk, shape(0, SHORT_OUTAGE_MS)),
    actOf(oldAndNew, shape(0, SHORT_OUTAGE_MS)),
    ...scheduled(seed, REPETITIONS),
  ];
}

/** For figures that one time alone does not give. */
const repeated = (mishap: Mishap, shape: Omit<Play, 'mishaps'>): Act => ({
  title: `${mishap.name}, ${REPETITIONS} times`,
  stage: mishap.stage,
  play: { mishaps: Array.from({ length: REPETITIONS }, () => mishap), ...shape },
});
