import { invalidArgument } from '@duramesh/contracts';
import { durationProblem } from '@duramesh/engine';
import type { Plain, temporal } from '@duramesh/proto';
import { type Duration, durationOfMs, toMs } from './durations.ts';

type RetryPolicy = Plain<temporal.api.common.v1.IRetryPolicy>;

const DEFAULT_INITIAL_MS = 1000;
const DEFAULT_COEFFICIENT = 2;
const MAX_INTERVAL_FACTOR = 100;
const TIMEOUT_PREFIX = 'TemporalTimeout:';
const timeoutTypes: ReadonlySet<string> = new Set([
  'Unspecified',
  'StartToClose',
  'ScheduleToStart',
  'ScheduleToClose',
  'Heartbeat',
]);

const orDefault = (duration: Duration | undefined, defaultMs: number): Duration =>
  duration && toMs(duration) !== 0 ? duration : durationOfMs(defaultMs);

function withDefaults(policy: RetryPolicy): RetryPolicy {
  const initialInterval = orDefault(policy.initialInterval, DEFAULT_INITIAL_MS);
  return {
    initialInterval,
    backoffCoefficient: policy.backoffCoefficient || DEFAULT_COEFFICIENT,
    maximumInterval: orDefault(policy.maximumInterval, MAX_INTERVAL_FACTOR * toMs(initialInterval)),
    maximumAttempts: policy.maximumAttempts ?? 0,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes ?? [],
  };
}

function requireInterval(field: string, interval: Duration | undefined): void {
  const problem = durationProblem(interval);
  if (problem) throw invalidArgument(`invalid ${field} set on retry policy: ${problem}`);
}

function requireTimeoutType(errorType: string): void {
  if (!errorType.startsWith(TIMEOUT_PREFIX)) return;
  const type = errorType.slice(TIMEOUT_PREFIX.length);
  if (!timeoutTypes.has(type)) throw invalidArgument(`Invalid timeout type value: ${type}.`);
}

/** The policy with its defaults filled in. */
export function requireRetryPolicy(given: RetryPolicy | undefined): RetryPolicy | undefined {
  if (!given) return undefined;
  const policy = withDefaults(given);
  // One attempt is no retry: the rest means nothing.
  if (policy.maximumAttempts === 1) return policy;
  requireInterval('InitialInterval', policy.initialInterval);
  if ((policy.backoffCoefficient ?? 0) < 1) {
    throw invalidArgument('BackoffCoefficient cannot be less than 1 on retry policy.');
  }
  requireInterval('MaximumInterval', policy.maximumInterval);
  const [initial, maximum] = [policy.initialInterval, policy.maximumInterval];
  if (initial && maximum && toMs(maximum) < toMs(initial)) {
    throw invalidArgument('MaximumInterval cannot be less than InitialInterval on retry policy.');
  }
  if ((policy.maximumAttempts ?? 0) < 0) throw invalidArgument('MaximumAttempts cannot be negative on retry policy.');
  policy.nonRetryableErrorTypes?.forEach(requireTimeoutType);
  return policy;
}
