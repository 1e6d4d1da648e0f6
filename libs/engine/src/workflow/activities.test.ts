import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActivityScenario,
  byId,
  cancelActivity,
  completeWorkflow,
  payloads,
  scheduleActivity,
  seconds,
} from './activity-scenario.fixture.ts';
import { fromTimestamp, toDuration } from './events.ts';
import type { Failure } from './failures.ts';

const failure = (message: string, info: Failure['applicationFailureInfo'] = {}): Failure => ({
  message,
  applicationFailureInfo: { type: 'TestFailure', ...info },
});
const identity = 'worker';
const SCHEDULED_EVENT_ID = 5;
const STALE = 'invalid activityID or activity already timed out or invoking workflow is completed';

/** A workflow whose first task scheduled the activity (event 5). */
function scheduling(attributes: Parameters<typeof scheduleActivity>[0] = {}): ActivityScenario {
  const run = new ActivityScenario();
  run.advance(scheduleActivity(attributes));
  return run;
}

test('history hears that an activity started only when it ends', () => {
  const run = scheduling();
  run.pass(1_000);
  const held = run.take();
  assert.deepEqual(run.names(5), ['ActivityTaskScheduled']);
  run.pass(1_000);
  run.do('CompleteActivity', { held, result: payloads('done'), identity: 'finisher' });

  assert.deepEqual(run.names(5), [
    'ActivityTaskScheduled',
    'ActivityTaskStarted',
    'ActivityTaskCompleted',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(fromTimestamp(run.events[5]?.eventTime), 1_001_000);
  assert.equal(fromTimestamp(run.events[6]?.eventTime), 1_002_000);
  const started = run.last('ActivityTaskStarted');
  assert.equal(started.scheduledEventId, SCHEDULED_EVENT_ID);
  assert.equal(started.identity, 'worker');
  assert.equal(started.attempt, 1);
  const completed = run.last('ActivityTaskCompleted');
  assert.equal(completed.startedEventId, 6);
  assert.equal(completed.identity, 'finisher');
  assert.equal(run.state.activities.size, 0);
});

test('an attempt is taken once: the same request may ask again, another is too late', () => {
  const run = scheduling();
  const command = run.takeCommand();
  const first = run.do('StartActivityTask', command);
  assert.deepEqual(run.do('StartActivityTask', command), first);
  assert.equal(run.refusal('StartActivityTask', { ...command, requestId: 'other' }).code, 'Obsolete');
  assert.equal(run.refusal('StartActivityTask', { ...command, attempt: 2 }).code, 'Obsolete');
  assert.equal(run.refusal('StartActivityTask', { ...command, stamp: 7 }).code, 'Obsolete');
});

test('a second answer to the same task finds nothing', () => {
  const run = scheduling();
  const held = run.take();
  run.do('CompleteActivity', { held, identity });
  for (const name of ['CompleteActivity', 'FailActivity', 'CancelActivity', 'HeartbeatActivity'] as const) {
    assert.deepEqual(run.refusal(name, { held, identity }), { code: 'NotFound', message: STALE });
  }
});

test('the token of an earlier attempt is stale, the id is not', () => {
  const run = scheduling({ retryPolicy: { initialInterval: seconds(0.1) } });
  const first = run.take();
  run.do('FailActivity', { held: first, failure: failure('one'), identity });
  assert.equal(run.refusal('HeartbeatActivity', { held: byId(), identity }).message, STALE);
  run.pass(100);
  run.take();
  assert.equal(run.refusal('CompleteActivity', { held: first, identity }).message, STALE);
  run.do('HeartbeatActivity', { held: byId(), identity });
  run.do('CompleteActivity', { held: byId(), identity });
});

test('an unknown id is named in the refusal', () => {
  const run = scheduling();
  assert.deepEqual(run.refusal('CompleteActivity', { held: byId('nope'), identity }), {
    code: 'NotFound',
    message: 'cannot find pending activity with ActivityID nope, check workflow execution history for more details',
  });
});

test('only completing is possible before a worker took the activity, and is told as a start of one’s own', () => {
  const run = scheduling();
  assert.equal(run.refusal('FailActivity', { held: byId(), identity }).message, STALE);
  assert.equal(run.refusal('CancelActivity', { held: byId(), identity }).message, STALE);
  assert.equal(run.refusal('HeartbeatActivity', { held: byId(), identity }).message, STALE);
  run.do('CompleteActivity', { held: byId(), result: payloads('early'), identity: 'by-id' });
  const started = run.last('ActivityTaskStarted');
  assert.equal(started.identity, 'by-id');
  assert.equal(started.requestId, '');
  assert.equal(run.last('ActivityTaskCompleted').startedEventId, 6);
});

test('a closed workflow takes no answers', () => {
  const run = scheduling();
  const held = run.take();
  run.signal();
  run.advance(completeWorkflow);
  for (const name of ['CompleteActivity', 'FailActivity', 'CancelActivity', 'HeartbeatActivity'] as const) {
    const refused = { code: 'NotFound', message: 'workflow execution already completed' };
    assert.deepEqual(run.refusal(name, { held, identity }), refused);
  }
});

test('a failed attempt waits its interval and is handed to matching again, without an event', () => {
  const run = scheduling();
  const held = run.take();
  run.do('FailActivity', { held, failure: failure('first try'), identity: 'other' });
  assert.equal(run.outstanding, false);
  assert.equal(run.wakeAtMs, 1_001_000);
  assert.equal(run.dispatched()?.attempt, 1);
  run.pass(999);
  assert.equal(run.dispatched()?.attempt, 1);
  run.pass(1);
  assert.equal(run.dispatched()?.attempt, 2);
  assert.equal(run.outstanding, true);
  assert.deepEqual(run.names(5), ['ActivityTaskScheduled']);

  run.do('CompleteActivity', { held: run.take(), identity });
  const started = run.last('ActivityTaskStarted');
  assert.equal(started.attempt, 2);
  assert.deepEqual(started.lastFailure?.message, 'first try');
});

test('a failure that is not tried again ends the activity with what it said and why', () => {
  const run = scheduling();
  const nonRetryable = failure('never again', { nonRetryable: true });
  const reply = run.do('FailActivity', { held: run.take(), failure: nonRetryable, identity });
  assert.deepEqual(reply.failures, []);
  const failed = run.last('ActivityTaskFailed');
  assert.equal(failed.failure?.message, 'never again');
  assert.equal(failed.retryState, 2);
  assert.equal(failed.startedEventId, 6);
  assert.equal(run.names().at(-1), 'WorkflowTaskScheduled');
});

test('a retry that would come after schedule-to-close is not made', () => {
  const run = scheduling({ scheduleToCloseTimeout: seconds(20), retryPolicy: { initialInterval: seconds(30) } });
  run.do('FailActivity', { held: run.take(), failure: failure('too late'), identity });
  assert.equal(run.last('ActivityTaskFailed').retryState, 3);
});

test('a failure must say what it is, and ask for a delay that is one', () => {
  const run = scheduling();
  const held = run.take();
  assert.deepEqual(run.refusal('FailActivity', { held, failure: { message: 'bare' }, identity }), {
    code: 'InvalidArgument',
    message: 'Failure must have ApplicationFailureInfo.',
  });
  const inner = failure('x', { nextRetryDelay: { seconds: 1, nanos: -1 } });
  const refused = run.refusal('FailActivity', { held, failure: { ...failure('y'), cause: inner }, identity });
  assert.equal(refused.code, 'InvalidArgument');
  assert.equal(run.activity()?.attempt, 1);
});

test('heartbeat details reach the next attempt, those of the failure before those of a heartbeat', () => {
  const run = scheduling();
  const first = run.take();
  run.do('HeartbeatActivity', { held: first, details: payloads('old'), identity });
  run.do('FailActivity', { held: first, failure: failure('boom'), lastHeartbeatDetails: payloads('new'), identity });
  run.pass(1_000);
  const second = run.do('StartActivityTask', run.takeCommand());
  assert.deepEqual(second.heartbeatDetails, payloads('new'));
  assert.equal(second.attempt, 2);
  assert.equal(second.firstScheduledMs, 1_000_000);
  assert.equal(second.scheduledMs, 1_001_000);
});

test('a heartbeat tells a running activity that it should stop, and the worker confirms', () => {
  const run = scheduling();
  const held = run.take();
  assert.equal(run.do('HeartbeatActivity', { held, identity }).cancelRequested, false);
  const unasked = run.refusal('CancelActivity', { held, details: payloads('x'), identity });
  assert.equal(unasked.code, 'InvalidArgument');
  assert.equal(unasked.message, 'unable to mark activity as canceled without activity being request canceled first');
  run.signal();
  run.advance(cancelActivity(SCHEDULED_EVENT_ID));
  assert.equal(run.do('HeartbeatActivity', { held, identity }).cancelRequested, true);
  run.do('CancelActivity', { held, details: payloads('stopped'), identity });
  const requestedEventId = run.names().indexOf('ActivityTaskCancelRequested') + 1;
  const canceled = run.last('ActivityTaskCanceled');
  assert.equal(canceled.latestCancelRequestedEventId, requestedEventId);
  assert.equal(canceled.startedEventId, requestedEventId + 1);
});

test('after a cancel request an activity may still complete, but is not tried again', () => {
  const canceled = (): ActivityScenario => {
    const run = scheduling();
    run.take();
    run.signal();
    run.advance(cancelActivity(SCHEDULED_EVENT_ID));
    return run;
  };
  const completes = canceled();
  completes.do('CompleteActivity', { held: byId(), identity });
  assert.equal(completes.names().at(-2), 'ActivityTaskCompleted');
  const fails = canceled();
  fails.do('FailActivity', { held: byId(), failure: failure('broke while stopping'), identity });
  assert.equal(fails.last('ActivityTaskFailed').retryState, 7);
  const timesOut = canceled();
  timesOut.pass(60_000);
  assert.equal(timesOut.last('ActivityTaskTimedOut').retryState, 7);
  assert.equal(timesOut.last('ActivityTaskTimedOut').failure?.message, 'activity StartToClose timeout');
});

test('results that come during a workflow task wait for its end, after the signals of the time', () => {
  const run = new ActivityScenario();
  run.advance(scheduleActivity(), scheduleActivity({ activityId: 'a2' }));
  const [first, second] = [run.take('a1'), run.take('a2')];
  run.signal();
  run.takeWorkflowTask();
  run.do('CompleteActivity', { held: second, identity });
  run.signal();
  run.do('CompleteActivity', { held: first, identity });
  assert.equal(run.names().at(-1), 'WorkflowTaskStarted');
  run.advance();
  assert.deepEqual(run.names(10), [
    'WorkflowTaskCompleted',
    'ActivityTaskStarted',
    'WorkflowExecutionSignaled',
    'ActivityTaskStarted',
    'ActivityTaskCompleted',
    'ActivityTaskCompleted',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.events[13]?.activityTaskCompletedEventAttributes?.startedEventId, 11);
  assert.equal(run.events[14]?.activityTaskCompletedEventAttributes?.startedEventId, 13);
});

test('what is too large fails the activity for good, and the call succeeds', () => {
  const big = payloads('x'.repeat(2_000));
  const limited = (): ActivityScenario => {
    const run = scheduling();
    run.limits = { ...run.limits, blobSizeBytes: 1_000 };
    run.take();
    return run;
  };
  const held = byId();
  const result = limited();
  result.do('CompleteActivity', { held, result: big, identity });
  const heartbeat = limited();
  assert.equal(heartbeat.do('HeartbeatActivity', { held, details: big, identity }).cancelRequested, true);
  const cancel = limited();
  cancel.do('CancelActivity', { held, details: big, identity });
  const oversize = limited();
  const given = failure('f'.repeat(2_000));
  const { failures } = oversize.do('FailActivity', { held, failure: given, lastHeartbeatDetails: big, identity });
  assert.deepEqual(
    failures.map(({ message }) => message),
    ['Heartbeat details exceed size limit.', 'Failure exceeds size limit.'],
  );
  const messages = [result, heartbeat, cancel, oversize].map((run) => {
    const failed = run.last('ActivityTaskFailed');
    assert.equal(failed.retryState, 2);
    assert.equal(failed.failure?.serverFailureInfo?.nonRetryable, true);
    return failed.failure.message;
  });
  assert.deepEqual(messages, [
    'Complete result exceeds size limit.',
    'Heartbeat details exceed size limit.',
    'Cancel details exceed size limit.',
    'Failure exceeds size limit.',
  ]);
});

test('an eager activity is started with the answer, under a request id of its own, and handed to nobody else', () => {
  const run = new ActivityScenario();
  const { eagerActivities } = run.advance(
    scheduleActivity({ activityId: 'later' }),
    scheduleActivity({ activityId: 'now', requestEagerExecution: true }),
    scheduleActivity({ activityId: 'too', requestEagerExecution: true }),
  );
  assert.deepEqual(
    eagerActivities.map(({ activityId }) => activityId),
    ['now', 'too'],
  );
  assert.ok(run.dispatched('later'));
  assert.equal(run.dispatched('now'), undefined);
  assert.notEqual(run.activity('now')?.requestId, run.activity('too')?.requestId);
  assert.match(
    run.activity('now')?.requestId ?? '',
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );

  run.do('FailActivity', { held: byId('now'), failure: failure('eager'), identity });
  run.pass(1_000);
  assert.equal(run.dispatched('now')?.attempt, 2);
});

test('a workflow that closes at once starts no eager activity', () => {
  const run = new ActivityScenario();
  const { eagerActivities } = run.advance(scheduleActivity({ requestEagerExecution: true }), completeWorkflow);
  assert.deepEqual(eagerActivities, []);
  assert.equal(run.outstanding, false);
});

test('matching is given the priority of the activity merged with that of its workflow, history the bare one', () => {
  const run = new ActivityScenario({ priority: { priorityKey: 2, fairnessKey: 'tenant' } });
  run.advance(scheduleActivity({ priority: { priorityKey: 4 } }));
  const { priority } = run.dispatched() ?? {};
  assert.deepEqual([priority?.priorityKey, priority?.fairnessKey], [4, 'tenant']);
  const { priority: polled } = run.do('StartActivityTask', run.takeCommand());
  assert.deepEqual([polled?.priorityKey, polled?.fairnessKey], [4, 'tenant']);
  assert.equal(run.last('ActivityTaskScheduled').priority?.fairnessKey, '');
});

test('a retry delay in the past is taken up at once', () => {
  const run = scheduling();
  const held = run.take();
  run.do('FailActivity', { held, failure: failure('now', { nextRetryDelay: toDuration(-500) }), identity });
  run.pass(0);
  assert.equal(run.dispatched()?.attempt, 2);
});
