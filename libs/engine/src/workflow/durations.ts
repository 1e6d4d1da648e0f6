import { type Duration, LONGEST_DURATION_MS } from './events.ts';

const LONGEST_SECONDS = LONGEST_DURATION_MS / 1000;
/** What the encoding itself allows. */
const ENCODING_MAX_SECONDS = 315_576_000_000;

/** Why a duration cannot be used, in the words of the reference; undefined when it can. Absent ones are fine. */
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

/** The duration, or the longest there is. */
export function capDuration<D extends Duration | undefined>(duration: D): D | { readonly seconds: number } {
  return (duration?.seconds ?? 0) > LONGEST_SECONDS ? { seconds: LONGEST_SECONDS } : duration;
}
