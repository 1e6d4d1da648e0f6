import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromDuration, toDuration } from './events.ts';
import { type Failure, serverFailure } from './failures.ts';
import {
  type AttemptEnd,
  decideRetry,
  fillRetryPolicy,
  RETRY_STATES,
  type RetryPolicy,
  retryPolicyProblem,
} from './retry-policy.ts';

const application = (info: Failure['applicationFailureInfo'] = {}): Failure => ({
  message: 'boom',
  applicationFailureInfo: { type: 'TestFailure', ...info },
});
const timeout = (timeoutType: number): Failure => ({ message: 'late', timeoutFailureInfo: { timeoutType } });

const decide = (ended: Partial<AttemptEnd> = {}): string | number => {
  const decision = decideRetry({
    policy: fillRetryPolicy(undefined),
    attempt: 1,
    failure: application(),
    cancelRequested: false,
    nowMs: 1_000_000,
    expirationMs: 0,
    capsOwnDelay: false,
    ...ended,
  });
  if (decision.kind === 'retry') return decision.delayMs;
  return Object.entries(RETRY_STATES).find(([, state]) => state === decision.retryState)?.[0] ?? 'unknown';
};
const policy = (given: RetryPolicy): RetryPolicy => fillRetryPolicy(given);

test('intervals grow by the coefficient up to the maximum interval', () => {
  const growing = policy({
    initialInterval: toDuration(100),
    backoffCoefficient: 5,
    maximumInterval: toDuration(1_000),
  });
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => decide({ policy: growing, attempt })),
    [100, 500, 1_000, 1_000],
  );
});

test('without a policy nothing is retried', () => {
  assert.equal(decide({ policy: undefined }), 'retryPolicyNotSet');
});

test('a failure without details about itself is retried', () => {
  assert.equal(decide({ failure: undefined }), 1_000);
  assert.equal(decide({ failure: { message: 'bare' } }), 1_000);
});

test('a requested cancellation rules a retry out before the failure is looked at', () => {
  assert.equal(decide({ cancelRequested: true, failure: timeout(2) }), 'cancelRequested');
});

test('schedule-to-start and schedule-to-close timeouts are final, even where they could be listed', () => {
  assert.equal(decide({ failure: timeout(2) }), 'timeout');
  assert.equal(decide({ failure: timeout(3) }), 'timeout');
});

test('start-to-close and heartbeat timeouts are retried unless they are listed', () => {
  const listed = policy({ nonRetryableErrorTypes: ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat'] });
  for (const type of [1, 4]) {
    assert.equal(decide({ failure: timeout(type) }), 1_000);
    assert.equal(decide({ failure: timeout(type), policy: listed }), 'nonRetryableFailure');
  }
});

test('only what the outermost failure says of itself rules a retry out', () => {
  const listed = policy({ nonRetryableErrorTypes: ['Fatal'] });
  const fatal = application({ type: 'Fatal', nonRetryable: true });
  assert.equal(decide({ failure: { ...application(), cause: fatal }, policy: listed }), 1_000);
  assert.equal(decide({ failure: application({ type: 'Fatal' }), policy: listed }), 'nonRetryableFailure');
  assert.equal(decide({ failure: application({ nonRetryable: true }) }), 'nonRetryableFailure');
  assert.equal(decide({ failure: serverFailure('x', true) }), 'nonRetryableFailure');
  assert.equal(decide({ failure: serverFailure('x', false) }), 1_000);
  assert.equal(decide({ failure: { canceledFailureInfo: {} } }), 'nonRetryableFailure');
  assert.equal(decide({ failure: { terminatedFailureInfo: {} } }), 'nonRetryableFailure');
});

test('the last attempt of a policy is not followed by another', () => {
  const twice = policy({ maximumAttempts: 2 });
  assert.equal(decide({ policy: twice, attempt: 1 }), 1_000);
  assert.equal(decide({ policy: twice, attempt: 2 }), 'maximumAttemptsReached');
});

test('the delay a failure asks for passes the maximum interval of an activity, not that of a workflow', () => {
  const failure = application({ nextRetryDelay: toDuration(300_000) });
  assert.equal(decide({ failure }), 300_000);
  assert.equal(decide({ failure, capsOwnDelay: true }), 100_000);
});

test('a delay below zero is now, and one of zero leaves no interval at all', () => {
  assert.equal(decide({ failure: application({ nextRetryDelay: toDuration(-5_000) }) }), -5_000);
  assert.equal(decide({ failure: application({ nextRetryDelay: toDuration(0) }) }), 'timeout');
});

test('an interval beyond all numbers is held to the maximum interval', () => {
  const huge = policy({ backoffCoefficient: 1e300, maximumInterval: toDuration(60_000) });
  assert.equal(decide({ policy: huge, attempt: 50 }), 60_000);
});

test('a retry may begin at the expiration, not after it', () => {
  assert.equal(decide({ expirationMs: 1_001_000 }), 1_000);
  assert.equal(decide({ expirationMs: 1_000_999 }), 'timeout');
});

const durations = fc.integer({ min: 1, max: 3_600_000 });
const attempts = fc.record({
  initialMs: durations,
  factor: fc.integer({ min: 1, max: 100 }),
  backoffCoefficient: fc.double({ min: 1, max: 10, noNaN: true }),
  attempt: fc.integer({ min: 1, max: 200 }),
  maximumAttempts: fc.integer({ min: 0, max: 200 }),
  leftMs: fc.integer({ min: 0, max: 7_200_000 }),
});

test('every retry keeps the bounds of its policy: attempts, intervals and expiration', () => {
  fc.assert(
    fc.property(attempts, ({ initialMs, factor, backoffCoefficient, attempt, maximumAttempts, leftMs }) => {
      const bounded = policy({
        initialInterval: toDuration(initialMs),
        maximumInterval: toDuration(initialMs * factor),
        backoffCoefficient,
        maximumAttempts,
      });
      assert.equal(retryPolicyProblem(bounded), undefined);
      const expirationMs = 1_000_000 + leftMs;
      const delay = decide({ policy: bounded, attempt, expirationMs });
      const exhausted = maximumAttempts > 0 && attempt >= maximumAttempts;
      assert.equal(delay === 'maximumAttemptsReached', exhausted);
      if (exhausted) return;
      const unhurried = decide({ policy: bounded, attempt });
      assert.ok(typeof unhurried === 'number' && Number.isInteger(unhurried));
      assert.ok(unhurried >= initialMs && unhurried <= initialMs * factor);
      assert.equal(delay, unhurried <= leftMs ? unhurried : 'timeout');
      if (maximumAttempts > 0) return;
      const next = decide({ policy: bounded, attempt: attempt + 1 });
      assert.ok(typeof next === 'number' && next >= unhurried);
    }),
  );
});

test('what a policy leaves out is filled in', () => {
  assert.deepEqual(fillRetryPolicy({ initialInterval: toDuration(3_000), maximumAttempts: 4 }), {
    initialInterval: toDuration(3_000),
    backoffCoefficient: 2,
    maximumInterval: toDuration(300_000),
    maximumAttempts: 4,
    nonRetryableErrorTypes: [],
  });
  assert.equal(fromDuration(fillRetryPolicy({}).initialInterval), 1_000);
  assert.equal(retryPolicyProblem(fillRetryPolicy(undefined)), undefined);
});

test('a bad policy is named by its first problem', () => {
  const problem = (given: RetryPolicy): string | undefined => retryPolicyProblem(fillRetryPolicy(given));
  assert.equal(
    problem({ initialInterval: { seconds: -1 } }),
    'invalid InitialInterval set on retry policy: negative duration',
  );
  assert.equal(problem({ backoffCoefficient: 0.5 }), 'BackoffCoefficient cannot be less than 1 on retry policy.');
  assert.equal(
    problem({ maximumInterval: { seconds: -1 } }),
    'invalid MaximumInterval set on retry policy: negative duration',
  );
  assert.equal(
    problem({ initialInterval: { seconds: 5 }, maximumInterval: { seconds: 4 } }),
    'MaximumInterval cannot be less than InitialInterval on retry policy.',
  );
  assert.equal(problem({ maximumAttempts: -1 }), 'MaximumAttempts cannot be negative on retry policy.');
  assert.equal(problem({ nonRetryableErrorTypes: ['TemporalTimeout:Never'] }), 'Invalid timeout type value: Never.');
  assert.equal(problem({ nonRetryableErrorTypes: ['TemporalTimeout:Heartbeat', 'Never'] }), undefined);
});

test('the rest of a policy of one attempt is not looked at', () => {
  assert.equal(retryPolicyProblem(fillRetryPolicy({ maximumAttempts: 1, backoffCoefficient: 0.5 })), undefined);
});
