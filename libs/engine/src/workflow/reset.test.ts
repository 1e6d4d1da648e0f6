import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '@duramesh/runtime';
import type { Plain, temporal } from '@duramesh/proto';
import { cancelActivity, scheduleActivity, startTimer } from './activity-scenario.fixture.ts';
import { describeExecution } from './describe.ts';
import { attributesOf, fromTimestamp, toDuration } from './events.ts';
import { HistoryScenario, STICKY } from './history-scenario.fixture.ts';
import { isReapplied } from './reapply.ts';
import { NEW_RUN, reset, tryReset } from './reset-scenario.fixture.ts';
import { runOfReset } from './resets.ts';

const signal = (run: HistoryScenario, requestId: string): void => {
  const signaled = { signalName: 's', identity: 'client', requestId, endsBackoff: false };
  run.do('SignalWorkflow', signaled);
};

function described(run: HistoryScenario): Plain<temporal.api.workflow.v1.IWorkflowExecutionExtendedInfo> {
  const startedEvent = must(run.events[0], 'a run has a first event');
  return describeExecution(run.state, { startedEvent, now: run.now }).workflowExtendedInfo ?? {};
}

test('the workflow task at the point fails, later signals come again, and a new task tells of them', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  signal(run, 'one');
  run.begin().answer();
  signal(run, 'two');
  reset(run, 4);
  assert.equal(run.short, 'St S B F Sig Sig S');
  const [, , , failed] = run.events;
  assert(failed);
  const { cause, failure, baseRunId, newRunId, identity } = attributesOf('WorkflowTaskFailed', failed);
  assert.deepEqual([cause, failure?.message, newRunId, identity], [20, 'again', NEW_RUN, 'history-service']);
  assert.notEqual(baseRunId, NEW_RUN);
  assert.deepEqual([...run.state.requestIds.keys()].slice(1), ['one', 'two']);
  assert.deepEqual(
    run.tasks.map(({ type }) => type),
    ['DispatchWorkflowTask'],
  );
  run.begin().answer();
  assert.equal(run.short, 'St S B F Sig Sig S B C');
});

test('a signal that a chain of runs has twice under one request id comes again once', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  signal(run, 'one');
  const [event] = run.events.slice(-2);
  assert(event);
  reset(run, 4, { reapplied: [event, event] });
  assert.equal(run.short, 'St S B F Sig S');
});

test('a workflow task that no worker took is started and failed', () => {
  const run = new HistoryScenario();
  signal(run, 'one');
  reset(run, 4);
  assert.equal(run.short, 'St S Sig B F S');
  assert.deepEqual(run.state.info.workflowTask?.attempt, 1);
});

test('a point at which no workflow task is pending is refused', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  signal(run, 'one');
  const outcome = tryReset(run, 5);
  assert(outcome.kind === 'refused');
  assert.equal(
    outcome.refusal.message,
    'Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: 5',
  );
});

test('what comes again must fit into one transaction', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  signal(run, 'one');
  run.limits = { ...run.limits, transactionSizeBytes: 100 };
  const outcome = tryReset(run, 4);
  assert(outcome.kind === 'refused');
  assert.match(outcome.refusal.message, /^transaction size of \d+ bytes exceeds limit of 100 bytes$/);
});

test('the new run has all its time again, counted from the reset', () => {
  const run = new HistoryScenario({
    workflowExecutionTimeout: { seconds: 3_600 },
    workflowRunTimeout: { seconds: 600 },
    workflowStartDelay: { seconds: 60 },
  });
  const startedMs = run.now;
  run.now += 60_000;
  run.do('WakeUp', {});
  run.begin().answer();
  run.now += 500_000;
  const { now } = run;
  reset(run, 4);
  const { info } = run.state;
  assert.deepEqual([info.startTimeMs, info.executionTimeMs], [now, now + 60_000]);
  assert.deepEqual([info.runExpirationMs, info.executionExpirationMs], [now + 600_000, now + 3_600_000]);
  assert.equal(info.backoffUntilMs, 0);
  assert.equal(run.wakeAtMs, now + 600_000);
  const { lastResetTime, originalStartTime } = described(run);
  assert.equal(fromTimestamp(lastResetTime), now);
  assert.equal(fromTimestamp(originalStartTime), startedMs);
});

test('timers that were pending at the point run on, and one whose time has come fires at once', () => {
  const run = new HistoryScenario();
  run.begin().answer([startTimer('short', 1), startTimer('long', 3_600)]);
  const startedMs = run.now;
  signal(run, 'one');
  run.begin().answer();
  run.now += 5_000;
  reset(run, 9);
  assert.deepEqual([...run.state.timers.keys()], ['short', 'long']);
  assert.equal(run.wakeAtMs, startedMs + 1_000);
  run.do('WakeUp', {});
  assert.deepEqual([...run.state.timers.keys()], ['long']);
  assert.match(run.short, /S TimerFired$/);
});

test('an activity that was pending at the point begins anew, whatever has become of it', () => {
  const run = new HistoryScenario();
  const waits = scheduleActivity({ scheduleToCloseTimeout: toDuration(90_000) });
  run.begin().answer([waits, scheduleActivity({ activityId: 'a2' })]);
  const [task] = run.tasks.filter(({ type }) => type === 'DispatchActivityTask');
  assert(task?.type === 'DispatchActivityTask');
  const { scheduledEventId, attempt, stamp } = task;
  run.do('StartActivityTask', { scheduledEventId, attempt, stamp, requestId: 'r', identity: 'worker' });
  signal(run, 'one');
  run.begin().answer([cancelActivity(6)]);
  run.now += 70_000;
  reset(run, 10);
  const [first, second] = [...run.state.activities.values()];
  assert.deepEqual([first?.startedMs, first?.firstScheduledMs, first?.expirationMs], [0, run.now, run.now + 90_000]);
  assert.equal(second?.cancelRequested, false);
  assert.deepEqual(run.tasks.map(({ type }) => type).sort(), [
    'DispatchActivityTask',
    'DispatchActivityTask',
    'DispatchWorkflowTask',
  ]);
});

test('the new run is not sticky and has no failed attempts, whatever the base was at', () => {
  const run = new HistoryScenario();
  run.begin().answer([], { stickyAttributes: STICKY });
  signal(run, 'one');
  run.begin().fails();
  reset(run, 7);
  const { workflowTask, sticky, workflowTaskFailures } = run.state.info;
  assert.deepEqual(
    [workflowTask?.sticky, workflowTask?.attempt, sticky, workflowTaskFailures],
    [false, 1, undefined, 0],
  );
  assert.equal(workflowTask?.taskQueue, 'tq');
});

test('callbacks before the point stand by again, those attached after it are attached again', () => {
  const callback = (token: string) => ({ nexus: { url: 'temporal://system', header: { token } } });
  const run = new HistoryScenario({ completionCallbacks: [callback('a')] });
  run.begin().answer();
  const attach = { identity: 'client', attachRequestId: true, links: [] };
  run.do('AttachRequest', { ...attach, requestId: 'second', completionCallbacks: [callback('b')] });
  reset(run, 4);
  const tokens = [...run.state.callbacks.values()].map(({ callback: one }) => one?.nexus?.header?.['token']);
  assert.deepEqual(tokens, ['a', 'b']);
  assert.deepEqual(described(run).requestIdInfos?.['second'], { eventType: 55, eventId: 5, buffered: false });
});

test('kinds of events can be left out, and who leaves out every kind wants nothing at all', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  signal(run, 'one');
  run.attach('second');
  const kept = (...excluded: number[]) =>
    run.events.filter((event) => isReapplied(event, { excluded: new Set(excluded), isOfBase: true })).length;
  assert.deepEqual([kept(), kept(2, 3, 4), kept(1), kept(1, 2, 4), kept(1, 2, 3, 4)], [2, 2, 1, 1, 0]);
});

test('options are set before the new run has its first workflow task', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  reset(run, 4, { operations: [{ options: { priority: { priorityKey: 2 } }, paths: ['priority'] }] });
  assert.equal(run.short, 'St S B F OptionsUpdated S');
  assert.equal(run.state.info.priority?.priorityKey, 2);
  const unknown = tryReset(run, 4, { operations: [{ options: {}, paths: ['priority.nothing'] }] });
  assert.equal(unknown.kind, 'reset', 'paths are checked where the request comes in');
});

test('a run that is left ends if it is open, shows where it was reset to, and knows the request', () => {
  const run = new HistoryScenario({ completionCallbacks: [{ nexus: { url: 'temporal://system' } }] });
  run.begin();
  signal(run, 'buffered');
  const command = { newRunId: NEW_RUN, requestId: 'reset', reason: 'again', isBase: true };
  run.do('LeaveToReset', command);
  assert.equal(run.short, 'St S B F Sig Terminated');
  const { reason, identity } = attributesOf('WorkflowExecutionTerminated', run.events.at(-1) ?? {});
  assert.deepEqual([reason, identity], ['again', 'history-resetter']);
  assert.equal(described(run).resetRunId, NEW_RUN);
  assert.equal(runOfReset(run.state.info, 'reset'), NEW_RUN);
  const startedEvent = must(run.events[0], 'a run has a first event');
  const { callbacks } = describeExecution(run.state, { startedEvent, now: run.now });
  assert.equal(callbacks?.[0]?.state, 1, 'its callbacks are those of the new run now');
  run.do('LeaveToReset', { ...command, requestId: 'second', newRunId: 'another' });
  assert.equal(run.short, 'St S B F Sig Terminated');
  assert.equal(described(run).resetRunId, 'another');
  assert.equal(runOfReset(run.state.info, 'reset'), NEW_RUN);
});

test('a reset is known to the run that it made, and to the runs that this one continues as', () => {
  const run = new HistoryScenario();
  run.begin().answer();
  reset(run, 4);
  run.begin();
  const continueAsNewWorkflowExecutionCommandAttributes = { workflowType: { name: 't' }, taskQueue: { name: 'tq' } };
  const outcome = run.answer([{ commandType: 10, continueAsNewWorkflowExecutionCommandAttributes }]);
  assert(outcome.kind === 'committed' && outcome.next);
  for (const info of [run.state.info, outcome.next.diff.info]) assert.equal(runOfReset(info, 'reset'), NEW_RUN);
  assert.deepEqual([run.state.info.baseRunIds.length, outcome.next.diff.info.baseRunIds], [1, []]);
});
