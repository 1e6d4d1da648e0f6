const DAY_MS = 86_400_000;

/** A date and a time as a wall clock shows them; `month` from 1, `weekday` from 0 for Sunday. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A clock on the wall somewhere. */
export interface Zone {
  wallTimeAt(timeMs: number): WallTime;
  /** The moments that show this wall time: none in the hour that is skipped, two in the one that is repeated. */
  momentsOf(day: number, secondOfDay: number): readonly number[];
}

/**
 * Days since 1970-01-01 of a date of the Gregorian calendar. Years begin in March here, so that a leap day is the last
 * day of its year and months have lengths that a line fits.
 */
export function dayOf(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day since 1970-01-01: the inverse of `dayOf`. */
export function dateOf(days: number): Pick<WallTime, 'year' | 'month' | 'day' | 'weekday'> {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

function wallTimeInUtc(timeMs: number): WallTime {
  const day = Math.floor(timeMs / DAY_MS);
  const second = Math.floor((timeMs - day * DAY_MS) / 1000);
  return {
    ...dateOf(day),
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
  };
}

const UTC: Zone = {
  wallTimeAt: wallTimeInUtc,
  momentsOf: (day, secondOfDay) => [day * DAY_MS + secondOfDay * 1000],
};

function zoneNamed(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** What the clock there is ahead of UTC. */
  const offsetMs = (timeMs: number): number => {
    const shown: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(timeMs)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    const shownMs = dayOf(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000;
    return shownMs - Math.floor(timeMs / 1000) * 1000;
  };
  return {
    wallTimeAt: (timeMs) => wallTimeInUtc(timeMs + offsetMs(timeMs)),
    momentsOf(day, secondOfDay) {
      const shownMs = day * DAY_MS + secondOfDay * 1000;
      // Offsets change at most once within the two days around.
      const offsets = new Set([offsetMs(shownMs - DAY_MS), offsetMs(shownMs + DAY_MS)]);
      return [...offsets]
        .map((offset) => shownMs - offset)
        .filter((timeMs) => timeMs + offsetMs(timeMs) === shownMs)
        .toSorted((a, b) => a - b);
    },
  };
}

const zones = new Map<string, Zone>([
  ['', UTC],
  ['UTC', UTC],
]);

/** undefined when there is no such time zone. There are some hundred, so all that were asked for are kept. */
export function zoneOf(name: string): Zone | undefined {
  const known = zones.get(name);
  if (known) return known;
  try {
    const zone = zoneNamed(name);
    zones.set(name, zone);
    return zone;
  } catch {
    return undefined;
  }
}
