import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityScenario, byId, payloads, scheduleActivity, seconds } from './activity-scenario.fixture.ts';
import type { Failure } from './failures.ts';

const identity = 'worker';
const once = { maximumAttempts: 1 };
const SOON = { initialInterval: seconds(0.1) };
const NO_TIME = 'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';
const failure = (message: string): Failure => ({ message, applicationFailureInfo: { type: 'TestFailure' } });

function scheduling(attributes: Parameters<typeof scheduleActivity>[0]): ActivityScenario {
  const run = new ActivityScenario();
  run.advance(scheduleActivity({ startToCloseTimeout: undefined, ...attributes }));
  return run;
}

/** How the activity ended: message, timeout type, retry state, message of the cause. */
function ended(run: ActivityScenario): readonly unknown[] {
  const { failure: said, retryState } = run.last('ActivityTaskTimedOut');
  assert.equal(said?.source, 'Server');
  assert.equal(run.names().at(-1), 'WorkflowTaskScheduled');
  return [said.message, said.timeoutFailureInfo?.timeoutType, retryState, said.cause?.message];
}

test('start-to-close counts from the start of the attempt', () => {
  const run = scheduling({ startToCloseTimeout: seconds(1), retryPolicy: once });
  run.pass(5_000);
  run.take();
  run.pass(999);
  assert.ok(run.activity());
  run.pass(1);
  assert.deepEqual(ended(run), ['activity StartToClose timeout', 1, 4, undefined]);
  assert.equal(run.last('ActivityTaskTimedOut').startedEventId, 6);
});

test('an attempt that times out is tried again, and its late answer is stale', () => {
  const run = scheduling({ startToCloseTimeout: seconds(3), retryPolicy: SOON });
  const first = run.take();
  run.pass(3_000);
  assert.equal(run.refusal('CompleteActivity', { held: first, identity }).code, 'NotFound');
  run.pass(100);
  run.do('CompleteActivity', { held: run.take(), identity });
  const { attempt, lastFailure } = run.last('ActivityTaskStarted');
  assert.equal(attempt, 2);
  assert.equal(lastFailure?.message, 'activity StartToClose timeout');
  assert.equal(lastFailure.source, 'Server');
});

test('schedule-to-start is never tried again', () => {
  const run = scheduling({ scheduleToStartTimeout: seconds(1), startToCloseTimeout: seconds(10) });
  run.pass(1_000);
  assert.deepEqual(ended(run), ['activity ScheduleToStart timeout', 2, 3, undefined]);
  assert.equal(run.last('ActivityTaskTimedOut').startedEventId, 0);
  assert.ok(!run.names().includes('ActivityTaskStarted'));
});

test('schedule-to-close before any start is reported as schedule-to-start', () => {
  const run = scheduling({ scheduleToCloseTimeout: seconds(1), scheduleToStartTimeout: seconds(30) });
  run.pass(1_000);
  assert.deepEqual(ended(run), ['activity ScheduleToStart timeout', 2, 3, undefined]);
});

test('schedule-to-close ends a running attempt, with how far it had come', () => {
  const run = scheduling({ scheduleToCloseTimeout: seconds(4) });
  const held = run.take();
  run.do('HeartbeatActivity', { held, details: payloads('half way'), identity });
  run.pass(4_000);
  assert.deepEqual(ended(run), [NO_TIME, 3, 3, undefined]);
  const info = run.last('ActivityTaskTimedOut').failure?.timeoutFailureInfo;
  assert.equal(info?.lastHeartbeatDetails?.payloads?.length, 1);
});

test('no time for another attempt after start-to-close reads as schedule-to-close', () => {
  const run = scheduling({
    startToCloseTimeout: seconds(1),
    scheduleToCloseTimeout: seconds(10),
    retryPolicy: { initialInterval: seconds(30) },
  });
  run.take();
  run.pass(1_000);
  assert.deepEqual(ended(run), [NO_TIME, 3, 3, undefined]);
});

test('schedule-to-start runs again from the end of the backoff, and names the failure before', () => {
  const run = scheduling({ scheduleToStartTimeout: seconds(3), startToCloseTimeout: seconds(30), retryPolicy: SOON });
  run.pass(2_000);
  run.do('FailActivity', { held: run.take(), failure: failure('first'), identity });
  run.pass(3_099);
  assert.ok(run.activity());
  run.pass(1);
  assert.deepEqual(ended(run), ['activity ScheduleToStart timeout', 2, 3, 'first']);
});

test('a timeout names the failure of the attempt before as its cause', () => {
  const run = scheduling({ startToCloseTimeout: seconds(3), retryPolicy: { ...SOON, maximumAttempts: 2 } });
  run.do('FailActivity', { held: run.take(), failure: failure('the root of it'), identity });
  run.pass(100);
  run.take();
  run.pass(3_000);
  assert.deepEqual(ended(run), ['activity StartToClose timeout', 1, 4, 'the root of it']);
});

test('heartbeats keep an attempt alive, their end does not', () => {
  const run = scheduling({ startToCloseTimeout: seconds(30), heartbeatTimeout: seconds(3), retryPolicy: once });
  const held = run.take();
  for (let beat = 1; beat <= 4; beat++) {
    run.pass(2_000);
    run.do('HeartbeatActivity', { held, details: payloads(beat), identity });
  }
  run.pass(2_999);
  assert.ok(run.activity());
  run.pass(1);
  assert.deepEqual(ended(run), ['activity Heartbeat timeout', 4, 4, undefined]);
});

test('a heartbeat of an earlier attempt does not count for the next', () => {
  const run = scheduling({ startToCloseTimeout: seconds(30), heartbeatTimeout: seconds(3), retryPolicy: SOON });
  run.do('HeartbeatActivity', { held: run.take(), details: payloads('step 3'), identity });
  run.pass(3_100);
  const second = run.do('StartActivityTask', run.takeCommand());
  assert.deepEqual(second.heartbeatDetails, payloads('step 3'));
  run.pass(2_999);
  assert.equal(run.activity()?.attempt, 2);
  run.pass(1);
  assert.equal(run.activity()?.attempt, 3);
});

test('a start-to-close timeout that is listed is not tried again', () => {
  const nonRetryableErrorTypes = ['TemporalTimeout:StartToClose'];
  const run = scheduling({ startToCloseTimeout: seconds(1), retryPolicy: { nonRetryableErrorTypes } });
  run.take();
  run.pass(1_000);
  assert.deepEqual(ended(run), ['activity StartToClose timeout', 1, 2, undefined]);
});

test('all that is due at once happens in the order of its times and makes one workflow task', () => {
  const run = new ActivityScenario();
  run.advance(
    scheduleActivity({ activityId: 'late', scheduleToStartTimeout: seconds(3) }),
    scheduleActivity({ activityId: 'early', scheduleToStartTimeout: seconds(1) }),
    scheduleActivity({ activityId: 'same', scheduleToStartTimeout: seconds(1) }),
    scheduleActivity({ activityId: 'never' }),
  );
  run.now += 10_000;
  run.do('WakeUp', {});
  const timedOut = run.events.flatMap((event) => event.activityTaskTimedOutEventAttributes?.scheduledEventId ?? []);
  assert.deepEqual(timedOut, [6, 7, 5]);
  assert.equal(run.names().filter((name) => name === 'WorkflowTaskScheduled').length, 2);
  assert.deepEqual([...run.state.activities.keys()], [8]);
});

test('a late wake-up ends an attempt whose backoff and schedule-to-start are both over', () => {
  const run = scheduling({ scheduleToStartTimeout: seconds(3), startToCloseTimeout: seconds(30), retryPolicy: SOON });
  run.do('FailActivity', { held: run.take(), failure: failure('first'), identity });
  run.now += 60_000;
  run.do('WakeUp', {});
  assert.deepEqual(ended(run), ['activity ScheduleToStart timeout', 2, 3, 'first']);
});

test('a timeout during a workflow task waits for its end', () => {
  const run = scheduling({ startToCloseTimeout: seconds(1), retryPolicy: once });
  run.take();
  run.signal();
  run.takeWorkflowTask();
  run.pass(1_000);
  assert.equal(run.names().at(-1), 'WorkflowTaskStarted');
  assert.equal(run.activity(), undefined);
  run.advance();
  assert.deepEqual(run.names().slice(-3), ['ActivityTaskStarted', 'ActivityTaskTimedOut', 'WorkflowTaskScheduled']);
});

test('a run that an activity would outlive is not woken for it', () => {
  const run = new ActivityScenario({ workflowRunTimeout: seconds(60) });
  run.advance(scheduleActivity({ startToCloseTimeout: seconds(30) }));
  run.pass(50_000);
  run.take();
  assert.equal(run.wakeAtMs, 1_060_000);
});

test('a heartbeat by id keeps the attempt alive as one by token does', () => {
  const run = scheduling({ startToCloseTimeout: seconds(30), heartbeatTimeout: seconds(3), retryPolicy: once });
  run.take();
  run.pass(2_000);
  run.do('HeartbeatActivity', { held: byId(), identity });
  run.pass(2_999);
  assert.ok(run.activity());
});
