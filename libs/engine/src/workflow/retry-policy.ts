import type { Plain, temporal } from '@duramesh/proto';
import { capDuration, durationProblem } from './durations.ts';
import { type Duration, fromDuration, toDuration } from './events.ts';
import type { Failure } from './failures.ts';

export type RetryPolicy = Plain<temporal.api.common.v1.IRetryPolicy>;

/** @see temporal.api.enums.v1.RetryState */
export const RETRY_STATES = {
  inProgress: 1,
  nonRetryableFailure: 2,
  timeout: 3,
  maximumAttemptsReached: 4,
  retryPolicyNotSet: 5,
  cancelRequested: 7,
} as const;
export type EndState = Exclude<(typeof RETRY_STATES)[keyof typeof RETRY_STATES], 1>;

const DEFAULT_INITIAL_MS = 1_000;
const DEFAULT_COEFFICIENT = 2;
const DEFAULT_MAXIMUM_FACTOR = 100;
/** No interval is longer: as many nanoseconds as a signed 64-bit number holds. */
const LONGEST_MS = 9_223_372_036_854;

const TIMEOUT_PREFIX = 'TemporalTimeout:';
/** By value. @see temporal.api.enums.v1.TimeoutType */
export const TIMEOUT_NAMES = [
  'Unspecified',
  'StartToClose',
  'ScheduleToStart',
  'ScheduleToClose',
  'Heartbeat',
] as const;
const SCHEDULE_TO_START = 2;
const SCHEDULE_TO_CLOSE = 3;

const isZero = (duration: Duration | undefined): boolean => !duration?.seconds && !duration?.nanos;

const DEFAULTS: RetryPolicy = {
  initialInterval: toDuration(DEFAULT_INITIAL_MS),
  backoffCoefficient: DEFAULT_COEFFICIENT,
  maximumInterval: toDuration(DEFAULT_INITIAL_MS * DEFAULT_MAXIMUM_FACTOR),
  maximumAttempts: 0,
  nonRetryableErrorTypes: [],
};

/** With what was left out filled in, as histories show it. Call before `retryPolicyProblem`. */
export function fillRetryPolicy(policy: RetryPolicy | undefined): RetryPolicy {
  if (!policy) return DEFAULTS;
  const initialInterval = isZero(policy.initialInterval) ? DEFAULTS.initialInterval : policy.initialInterval;
  const maximumInterval = isZero(policy.maximumInterval)
    ? toDuration(fromDuration(initialInterval) * DEFAULT_MAXIMUM_FACTOR)
    : policy.maximumInterval;
  return {
    initialInterval: capDuration(initialInterval),
    backoffCoefficient: policy.backoffCoefficient || DEFAULT_COEFFICIENT,
    maximumInterval: capDuration(maximumInterval),
    maximumAttempts: policy.maximumAttempts ?? 0,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes ?? [],
  };
}

/** What is wrong with a filled policy, if anything. A policy of one attempt is not looked at. @see spec-history 1.1 */
export function retryPolicyProblem(policy: RetryPolicy): string | undefined {
  const { initialInterval, maximumInterval, maximumAttempts = 0, backoffCoefficient = 0 } = policy;
  if (maximumAttempts === 1) return undefined;
  const initialProblem = durationProblem(initialInterval);
  if (initialProblem) return `invalid InitialInterval set on retry policy: ${initialProblem}`;
  if (backoffCoefficient < 1) return 'BackoffCoefficient cannot be less than 1 on retry policy.';
  const maximumProblem = durationProblem(maximumInterval);
  if (maximumProblem) return `invalid MaximumInterval set on retry policy: ${maximumProblem}`;
  const maximumMs = fromDuration(maximumInterval);
  if (maximumMs > 0 && maximumMs < fromDuration(initialInterval)) {
    return 'MaximumInterval cannot be less than InitialInterval on retry policy.';
  }
  if (maximumAttempts < 0) return 'MaximumAttempts cannot be negative on retry policy.';
  for (const type of policy.nonRetryableErrorTypes ?? []) {
    const name = type.startsWith(TIMEOUT_PREFIX) ? type.slice(TIMEOUT_PREFIX.length) : 'Unspecified';
    if (!TIMEOUT_NAMES.some((known) => known === name)) return `Invalid timeout type value: ${name}.`;
  }
  return undefined;
}

/** Whether the failure's own kind rules out another attempt. Only the outermost failure counts. */
function isNonRetryable(failure: Failure, listed: readonly string[]): boolean {
  if (failure.terminatedFailureInfo || failure.canceledFailureInfo) return true;
  if (failure.timeoutFailureInfo) {
    const type = failure.timeoutFailureInfo.timeoutType ?? 0;
    return listed.includes(`${TIMEOUT_PREFIX}${TIMEOUT_NAMES[type] ?? ''}`);
  }
  if (failure.serverFailureInfo) return failure.serverFailureInfo.nonRetryable ?? false;
  const application = failure.applicationFailureInfo;
  if (!application) return false;
  return (application.nonRetryable ?? false) || listed.includes(application.type ?? '');
}

/** Nobody took the work, or there is no time left for it: another attempt would fare no better. */
function isFinalTimeout(failure: Failure | undefined): boolean {
  const type = failure?.timeoutFailureInfo?.timeoutType;
  return type === SCHEDULE_TO_START || type === SCHEDULE_TO_CLOSE;
}

function exponentialMs(policy: RetryPolicy, attempt: number): number {
  const coefficient = policy.backoffCoefficient || DEFAULT_COEFFICIENT;
  return Math.ceil(Math.min(fromDuration(policy.initialInterval) * coefficient ** (attempt - 1), LONGEST_MS));
}

/** What the policy alone says of the pause before an attempt; 0 when it knows none. */
export function intervalBeforeMs(policy: RetryPolicy, attempt: number): number {
  const intervalMs = exponentialMs(policy, attempt);
  const maximumMs = fromDuration(policy.maximumInterval);
  return maximumMs > 0 && (intervalMs <= 0 || intervalMs > maximumMs) ? maximumMs : intervalMs;
}

/** The pause before the next attempt; undefined when the policy knows none. */
function pauseMs({ policy, attempt, failure, capsOwnDelay }: AttemptEnd & { policy: RetryPolicy }): number | undefined {
  const own = failure?.applicationFailureInfo?.nextRetryDelay;
  const intervalMs = own ? fromDuration(own) : exponentialMs(policy, attempt);
  const maximumMs = fromDuration(own && !capsOwnDelay ? own : policy.maximumInterval);
  if (maximumMs === 0) return intervalMs > 0 ? intervalMs : undefined;
  return intervalMs <= 0 || intervalMs > maximumMs ? maximumMs : intervalMs;
}

/** An attempt that did not succeed: of an activity, or of a workflow (one run each). */
export interface AttemptEnd {
  readonly policy: RetryPolicy | undefined;
  /** Of the attempt that ended; the first is 1. */
  readonly attempt: number;
  readonly failure: Failure | undefined;
  readonly cancelRequested: boolean;
  readonly nowMs: number;
  /** No attempt may begin after this; 0 means any time will do. */
  readonly expirationMs: number;
  /** Workflows hold the delay a failure asks for to the maximum interval, activities do not. */
  readonly capsOwnDelay: boolean;
}

export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'end'; readonly retryState: EndState };

const end = (retryState: EndState): RetryDecision => ({ kind: 'end', retryState });

/** Why no attempt can follow, however many are left and whatever time there is. */
export function finalState({
  policy,
  failure,
  cancelRequested,
}: Pick<AttemptEnd, 'policy' | 'failure' | 'cancelRequested'>): EndState | undefined {
  if (!policy) return RETRY_STATES.retryPolicyNotSet;
  if (cancelRequested) return RETRY_STATES.cancelRequested;
  if (isFinalTimeout(failure)) return RETRY_STATES.timeout;
  if (failure && isNonRetryable(failure, policy.nonRetryableErrorTypes ?? [])) return RETRY_STATES.nonRetryableFailure;
  return undefined;
}

/** Whether there is another attempt, and when. @see spec-history 5.3, 9.2 */
export function decideRetry(ended: AttemptEnd): RetryDecision {
  const { policy, attempt, nowMs, expirationMs } = ended;
  const final = finalState(ended);
  if (final !== undefined) return end(final);
  if (!policy) return end(RETRY_STATES.retryPolicyNotSet);
  const { maximumAttempts = 0 } = policy;
  if (maximumAttempts > 0 && attempt >= maximumAttempts) return end(RETRY_STATES.maximumAttemptsReached);
  const delayMs = pauseMs({ ...ended, policy });
  if (delayMs === undefined) return end(RETRY_STATES.timeout);
  if (expirationMs > 0 && nowMs + delayMs > expirationMs) return end(RETRY_STATES.timeout);
  return { kind: 'retry', delayMs };
}
