import { invalidArgument } from '@duramesh/contracts';
import { capDuration, durationProblem } from '@duramesh/engine';
import type { google, Plain } from '@duramesh/proto';

export type Duration = Plain<google.protobuf.IDuration>;

export const toMs = ({ seconds = 0, nanos = 0 }: Duration): number => seconds * 1000 + nanos / 1e6;

export const durationOfMs = (ms: number): Duration => ({
  seconds: Math.floor(ms / 1000),
  nanos: Math.round((ms % 1000) * 1e6),
});

/** The duration to use, with the reference's text for timeouts when it is none. */
export function requireTimeout(field: string, duration: Duration | undefined): Duration | undefined {
  const problem = durationProblem(duration);
  if (problem) throw invalidArgument(`An invalid ${field} is set on request. cause: ${problem}`);
  return capDuration(duration);
}

/** Milliseconds of a timestamp message. */
export const timestampMs = ({ seconds = 0, nanos = 0 }: Plain<google.protobuf.ITimestamp>): number =>
  seconds * 1000 + nanos / 1e6;
