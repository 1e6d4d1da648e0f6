import { invalidArgument, unimplemented } from '@duramesh/contracts';

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface FieldRule {
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}
const rules: readonly FieldRule[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: months },
  { low: 0, high: 6, names: weekdays },
];
const [DAY_OF_MONTH, MONTH, DAY_OF_WEEK] = [2, 3, 4] as const;

const shorthands: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);
const EVERY = /^@every (?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

function numberOf(text: string, { names, low }: FieldRule): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + low;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The values of `1-5/2`, `*`, `MON`; undefined when it is none. */
function parseRange(text: string, rule: FieldRule): number[] | undefined {
  const [range = '', stepText, extra] = text.split('/');
  if (extra !== undefined || (stepText !== undefined && !/^[1-9]\d*$/.test(stepText))) return undefined;
  const any = range === '*' || range === '?';
  const [lowText = '', highText, more] = range.split('-');
  if (more !== undefined) return undefined;
  const low = any ? rule.low : numberOf(lowText, rule);
  // `7/2` means from 7 on.
  const defaultHigh = stepText === undefined ? low : rule.high;
  const high = any ? rule.high : highText === undefined ? defaultHigh : numberOf(highText, rule);
  if (low === undefined || high === undefined || low < rule.low || high > rule.high || low > high) return undefined;
  const values: number[] = [];
  for (let value = low; value <= high; value += Number(stepText ?? 1)) values.push(value);
  return values;
}

function parseField(text: string, rule: FieldRule): number[] | undefined {
  const values: number[] = [];
  for (const part of text.split(',')) {
    const range = parseRange(part, rule);
    if (!range) return undefined;
    values.push(...range);
  }
  return values;
}

const isStarred = (field: string | undefined): boolean => field === '*' || field === '?';

function isKnownTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function verdict(schedule: string): 'valid' | 'malformed' | 'never' {
  const [, timeZone, spec = ''] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/.exec(schedule.trim()) ?? [];
  if (timeZone !== undefined && !isKnownTimeZone(timeZone)) return 'malformed';
  if (shorthands.has(spec) || EVERY.test(spec)) return 'valid';
  const fields = spec.split(/\s+/);
  if (fields.length !== rules.length) return 'malformed';
  const parsed = rules.map((rule, index) => parseField(fields[index] ?? '', rule));
  if (parsed.includes(undefined)) return 'malformed';
  if (!isStarred(fields[DAY_OF_WEEK])) return 'valid';
  const days = parsed[DAY_OF_MONTH] ?? [];
  const reachable = parsed[MONTH]?.some((month) => days.some((day) => day <= (longestMonths[month - 1] ?? 0)));
  return reachable ? 'valid' : 'never';
}

/** Refuses what is no cron schedule, and, as long as cron schedules are not run, those that are one. */
export function requireCronSchedule(schedule: string | undefined): void {
  if (!schedule) return;
  const found = verdict(schedule);
  if (found === 'malformed') throw invalidArgument('invalid CronSchedule.');
  if (found === 'never') {
    throw invalidArgument('invalid CronSchedule, no time can be found to satisfy the schedule');
  }
  throw unimplemented('cron schedules are not supported');
}
