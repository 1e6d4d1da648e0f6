import { invalidArgument } from '@duramesh/contracts';
import { durationProblem } from '@duramesh/engine';
import { type Duration, toMs } from './durations.ts';

/** Answers milliseconds. */
export function requireRetention(retention: Duration | undefined, minimumMs: number): number {
  if (!retention || durationProblem(retention) || toMs(retention) < minimumMs) {
    throw invalidArgument('A valid retention period is not set on request.');
  }
  return toMs(retention);
}
