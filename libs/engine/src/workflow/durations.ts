import type { Duration } from './events.ts';

const LONGEST_SECONDS = 100 * 365 * 24 * 60 * 60;

/** What is wrong with a duration a caller gave; absent ones are fine. */
export function durationProblem(duration: Duration | undefined): string | undefined {
  const seconds = duration?.seconds ?? 0;
  const nanos = duration?.nanos ?? 0;
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return 'duration has seconds and nanos with different signs';
  }
  return seconds < 0 || nanos < 0 ? 'negative duration' : undefined;
}

/** Beyond a century a timeout is as good as none, and sums with it must stay dates. */
export function capDuration<D extends Duration | undefined>(duration: D): D | { readonly seconds: number } {
  return (duration?.seconds ?? 0) > LONGEST_SECONDS ? { seconds: LONGEST_SECONDS } : duration;
}
