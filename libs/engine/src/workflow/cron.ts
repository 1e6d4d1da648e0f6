import { dateOf, dayOf, type Zone, zoneOf } from './calendar.ts';

/** Times at which a workflow runs again and again. */
export interface CronSchedule {
  /** The first time after this one, in whole seconds; undefined when none comes within five years. */
  next(afterMs: number): number | undefined;
}

const SEARCHED_DAYS = 5 * 366;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

interface Field {
  readonly values: ReadonlySet<number>;
  /** Says nothing: `*` or `?`, also with a step. */
  readonly any: boolean;
}

interface FieldRange {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const RANGES = {
  minute: { from: 0, to: 59 },
  hour: { from: 0, to: 23 },
  day: { from: 1, to: 31 },
  month: { from: 1, to: 12, names: MONTHS },
  weekday: { from: 0, to: 6, names: WEEKDAYS },
} as const satisfies Record<string, FieldRange>;

function parseValue(text: string, { from, to, names }: FieldRange): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + from;
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= from && value <= to ? value : undefined;
}

/** One part of a list: `*`, `5`, `1-5`, each also with `/step`. */
function parsePart(part: string, range: FieldRange): Field | undefined {
  const [span = '', stepText, more] = part.split('/');
  if (more !== undefined) return undefined;
  const step = stepText === undefined ? 1 : /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (step === 0) return undefined;
  const any = span === '*' || span === '?';
  const [first = '', last, tooMany] = any ? [] : span.split('-');
  if (tooMany !== undefined) return undefined;
  const from = any ? range.from : parseValue(first, range);
  // A single value with a step goes on to the end.
  const to = any || (last === undefined && stepText !== undefined) ? range.to : parseValue(last ?? first, range);
  if (from === undefined || to === undefined || from > to) return undefined;
  const values = new Set<number>();
  for (let value = from; value <= to; value += step) values.add(value);
  return { values, any };
}

function parseField(text: string, range: FieldRange): Field | undefined {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',')) {
    const parsed = parsePart(part, range);
    if (!parsed) return undefined;
    for (const value of parsed.values) values.add(value);
    any ||= parsed.any;
  }
  return { values, any };
}

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** A duration such as `1h30m`; undefined when it is none. */
function parseEvery(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}

const wholeSeconds = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

/** undefined when the text is not a schedule. @see spec-history 9.3 */
export function parseCron(text: string): CronSchedule | undefined {
  const prefixed = /^(?:CRON_TZ|TZ)=(\S*)\s+(.*)$/.exec(text.trim());
  const zone = zoneOf(prefixed?.[1] ?? '');
  const schedule = (prefixed?.[2] ?? text).trim();
  if (!zone) return undefined;
  if (schedule.startsWith('@every ')) {
    const everyMs = parseEvery(schedule.slice('@every '.length).trim());
    if (everyMs === undefined) return undefined;
    const delayMs = Math.max(1000, wholeSeconds(everyMs));
    return { next: (afterMs) => wholeSeconds(afterMs) + delayMs };
  }
  return parseFields(SHORTHANDS.get(schedule) ?? schedule, zone);
}

function parseFields(text: string, zone: Zone): CronSchedule | undefined {
  const texts = text.split(/\s+/);
  if (texts.length !== 5) return undefined;
  const [minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = ''] = texts;
  const minute = parseField(minuteText, RANGES.minute);
  const hour = parseField(hourText, RANGES.hour);
  const day = parseField(dayText, RANGES.day);
  const month = parseField(monthText, RANGES.month);
  const weekday = parseField(weekdayText, RANGES.weekday);
  if (!minute || !hour || !day || !month || !weekday) return undefined;
  const sorted = (field: Field): number[] => [...field.values].toSorted((a, b) => a - b);
  const hours = sorted(hour);
  const seconds = hours.flatMap((h) => sorted(minute).map((m) => h * 3600 + m * 60));
  const isDay = (days: number): boolean => {
    const date = dateOf(days);
    if (!month.values.has(date.month)) return false;
    const byDay = day.values.has(date.day);
    const byWeekday = weekday.values.has(date.weekday);
    // Where both say something, either will do.
    return day.any || weekday.any ? byDay && byWeekday : byDay || byWeekday;
  };
  return { next: (afterMs) => nextOf({ zone, isDay, seconds }, afterMs) };
}

interface DayPlan {
  readonly zone: Zone;
  readonly isDay: (days: number) => boolean;
  /** Of the day, in order. */
  readonly seconds: readonly number[];
}

function nextOf({ zone, isDay, seconds }: DayPlan, afterMs: number): number | undefined {
  const from = zone.wallTimeAt(afterMs);
  const firstDay = dayOf(from.year, from.month, from.day);
  const fromSecond = from.hour * 3600 + from.minute * 60 + from.second;
  for (let day = firstDay; day <= firstDay + SEARCHED_DAYS; day++) {
    if (!isDay(day)) continue;
    for (const second of seconds) {
      // An hour may be repeated: what the clock showed before may come once more.
      if (day === firstDay && second < fromSecond - 3600) continue;
      const moment = zone.momentsOf(day, second).find((timeMs) => timeMs > afterMs);
      if (moment !== undefined) return moment;
    }
  }
  return undefined;
}

/**
 * How long the next run of a cron workflow waits; undefined when the schedule has no more times. Times that have passed while
 * the last run was at work are skipped. @see spec-history 9.3
 */
export function cronBackoffMs(
  schedule: string,
  { executionTimeMs, nowMs }: { readonly executionTimeMs: number; readonly nowMs: number },
): number | undefined {
  const next = nextCronTimeMs(schedule, { executionTimeMs, nowMs });
  return next === undefined ? undefined : Math.ceil((next - nowMs) / 1000) * 1000;
}

function nextCronTimeMs(
  text: string,
  { executionTimeMs, nowMs }: { readonly executionTimeMs: number; readonly nowMs: number },
): number | undefined {
  const schedule = parseCron(text);
  if (!schedule) return undefined;
  if (nowMs < executionTimeMs) return executionTimeMs;
  const first = schedule.next(executionTimeMs);
  if (first === undefined || first >= nowMs) return first;
  if (!text.includes('@every')) return schedule.next(nowMs - 1);
  // Counted from the last time, however often it has been missed.
  const everyMs = first - wholeSeconds(executionTimeMs);
  return first + Math.ceil((nowMs - first) / everyMs) * everyMs;
}
