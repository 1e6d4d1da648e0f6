import { invalidArgument } from '@duramesh/contracts';
import type { google, Plain } from '@duramesh/proto';

export type Duration = Plain<google.protobuf.IDuration>;

/** About a hundred years: longer ones are shortened to it. */
const MAX_SECONDS = 100 * 365 * 86_400;
/** What the encoding itself allows. */
const ENCODING_MAX_SECONDS = 315_576_000_000;

/** Why a duration cannot be used, in the words of the reference; undefined when it can. */
export function durationProblem(duration: Duration | undefined): string | undefined {
  if (!duration) return undefined;
  const { seconds = 0, nanos = 0 } = duration;
  if (seconds > ENCODING_MAX_SECONDS) return 'duration exceeds +10000 years';
  if (seconds < -ENCODING_MAX_SECONDS) return 'duration exceeds -10000 years';
  if (Math.abs(nanos) >= 1e9) return 'duration has out-of-range nanos';
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return 'duration has seconds and nanos with different signs';
  }
  return seconds < 0 || nanos < 0 ? 'negative duration' : undefined;
}

export const toMs = ({ seconds = 0, nanos = 0 }: Duration): number => seconds * 1000 + nanos / 1e6;

export const durationOfMs = (ms: number): Duration => ({
  seconds: Math.floor(ms / 1000),
  nanos: Math.round((ms % 1000) * 1e6),
});

const capped = (duration: Duration): Duration =>
  (duration.seconds ?? 0) < MAX_SECONDS ? duration : { seconds: MAX_SECONDS };

/** The duration to use, with the reference's text for timeouts when it is none. */
export function requireTimeout(field: string, duration: Duration | undefined): Duration | undefined {
  const problem = durationProblem(duration);
  if (problem) throw invalidArgument(`An invalid ${field} is set on request. cause: ${problem}`);
  return duration && capped(duration);
}

/** Milliseconds of a timestamp message. */
export const timestampMs = ({ seconds = 0, nanos = 0 }: Plain<google.protobuf.ITimestamp>): number =>
  seconds * 1000 + nanos / 1e6;
