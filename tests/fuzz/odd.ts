import type { Dice } from '@duramesh/runtime';

/** Values at the edge of what a type can carry, or just beyond what the API allows. */
export const odd = {
  text(dice: Dice): string {
    const size = dice.pick([0, 1, 65, 256, 999, 1000, 1001, 4001]);
    // Rarely so large that limits of whole messages and of histories are met.
    if (dice.happens(0.01)) return `x${dice.pick(['x', '\u{1f980}']).repeat(dice.pick([70_000, 600_000, 1_100_000]))}`;
    if (dice.happens(0.4)) return dice.pick(['y', 'é', '\u{1f980}']).repeat(size);
    return dice.pick(TEXTS);
  },

  bytes(dice: Dice): Uint8Array {
    if (dice.happens(0.01)) return new Uint8Array(dice.pick([300_000, 2_100_000])).fill(120);
    return Uint8Array.from({ length: dice.pick([0, 1, 2, 7, 40, 300]) }, () => dice.below(256));
  },

  /** What a payload may hold: garbage, or JSON that says more than it should. */
  data: (dice: Dice): Uint8Array => (dice.happens(0.5) ? odd.bytes(dice) : new TextEncoder().encode(dice.pick(JSONS))),

  int32: (dice: Dice): number => dice.pick(INT32),
  uint32: (dice: Dice): number => dice.pick([0, 1, 2 ** 31, 2 ** 32 - 1]),
  int64: (dice: Dice): number => dice.pick(INT64),
  float: (dice: Dice): number => dice.pick([Number.NaN, Infinity, -Infinity, -0, -1, 0.5, 1e-30, 3e38, 1e308]),
  /** Numbers no version of the API that we know gives a name. */
  enumeration: (dice: Dice): number => dice.pick([-1, 60, 99, 1000, 2 ** 31 - 1, -(2 ** 31)]),

  /** Of a duration or a timestamp: beyond its range, negative, with nanoseconds that are none. */
  time: (dice: Dice): { seconds: number; nanos: number } => ({
    seconds: dice.pick([0, 0, 1, ...INT64]),
    nanos: dice.pick([0, 0, 1, 999_999_999, 1e9, -1, -1e9, 2 ** 31 - 1, -(2 ** 31)]),
  }),
} as const;

const INT32 = [0, -1, 1, 2, 1000, 2 ** 31 - 1, -(2 ** 31)];
const INT64 = [-1, 1e5, 253_402_300_800, 315_576_000_001, -62_135_596_801, 2 ** 53, 2 ** 63 - 1024, -(2 ** 63)];

const JSONS = [
  '"\\ud800"',
  '["\\udc00", "\\u0000"]',
  '1e400',
  '-0',
  '9007199254740993',
  '"0001-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59.999999999Z"',
  '"-271821-04-20T00:00:00.000Z"',
  '[[1]]',
  '{"__proto__": 1}',
  '{"a":',
  '['.repeat(5_000),
];

const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '..',
  '/_sys/queue/1',
  'temporal-sys-per-ns-tq',
  'temporal-system',
  '__proto__',
  'constructor',
  'toString',
  '00000000-0000-0000-0000-000000000000',
  'not-a-uuid',
  "'; DROP TABLE runs; --",
  "WorkflowId = 'w-1' AND (",
  'ExecutionStatus = "Running" OR StartTime > "2026-01-01T00:00:00Z" AND NOT CustomKeyword IN ("a", "b")',
  'GROUP BY ExecutionStatus',
  "CustomInt BETWEEN 1 AND 'x'",
  '((((((((((((((((((((((((((((((((',
  '0 0 30 2 *',
  '* * * * *',
  '@every 1s',
  '@every 0s',
  'CRON_TZ=Europe/Berlin 15 2 * * *',
  'temporal://system',
  'http://127.0.0.1:1/callback',
  'TemporalTimeout:Never',
];
