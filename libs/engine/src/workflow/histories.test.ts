import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelTimer, scheduleActivity, seconds, startTimer } from './activity-scenario.fixture.ts';
import { attributesOf, fromDuration } from './events.ts';
import { completeWorkflow, HistoryScenario, marker, STICKY } from './history-scenario.fixture.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const MINUTE_MS = 60_000;
const cancelWorkflow = { commandType: 7, cancelWorkflowExecutionCommandAttributes: {} };
const continueAsNew = { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: {} };

/** What is done to a run, and the history that comes of it. @see spec-history 14 */
function story(name: string, expected: string, tell: (run: HistoryScenario) => void): void {
  test(`history of a run: ${name}`, () => {
    const run = new HistoryScenario();
    tell(run);
    assert.equal(run.short, expected);
  });
}

story('a run that completes at once', 'St S B C Completed', (run) => {
  run.begin().answer([completeWorkflow]);
});

story('one activity', 'St S B C AS AB AC S B C Completed', (run) => {
  run.begin().answer([scheduleActivity()]);
  run.do('CompleteActivity', { held: run.take(), identity: 'worker' });
  run.begin().answer([completeWorkflow]);
});

story('a signal while the workflow task is scheduled is delivered by it', 'St S Sig B C Completed', (run) => {
  run.signal();
  run.begin().answer([completeWorkflow]);
});

story('a signal while the workflow task runs brings another', 'St S B C Sig S', (run) => {
  run.begin().signal();
  run.answer();
});

story('a close that overlooks a signal is refused', 'St S B F Sig S B C Completed', (run) => {
  run.begin().signal();
  assert.equal(run.refusedAnswer([completeWorkflow]), 'UnhandledCommand');
  assert.equal(run.last('WorkflowTaskFailed').cause, 1);
  run.begin().answer([completeWorkflow]);
});

story('a cancel request before the first workflow task starts', 'St S CancelRequested B C Canceled', (run) => {
  run.cancel();
  run.begin().answer([cancelWorkflow]);
});

test('history of a run: one that continues as new too fast begins its next run a second later', () => {
  const run = new HistoryScenario();
  run.begin();
  run.now += 300;
  const outcome = run.answer([continueAsNew]);
  assert.equal(run.short, 'St S B C ContinuedAsNew');
  assert.ok(outcome.kind === 'committed' && outcome.next);
  const { batches, wakeAtMs } = outcome.next;
  assert.deepEqual([batches.length, batches[0]?.lastEventId], [1, 1], 'the next run has nothing but its start');
  assert.equal(wakeAtMs, run.now + 700);
  assert.equal(fromDuration(run.last('WorkflowExecutionContinuedAsNew').backoffStartInterval), 700);
});

test('history of a run: one that continues with timeouts beyond any date continues with the longest there are', () => {
  const run = new HistoryScenario();
  run.begin();
  const workflowRunTimeout = { seconds: 315_576_000_000 };
  const outcome = run.answer([
    { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: { workflowRunTimeout } },
  ]);
  assert.ok(outcome.kind === 'committed' && outcome.next);
  const { runTimeoutMs, runExpirationMs } = outcome.next.diff.info;
  assert.equal(runTimeoutMs, 100 * 365 * 86_400_000);
  assert.ok(Number.isSafeInteger(runExpirationMs));
});

test('history of a run: a timeout that no date can hold fails its workflow task', () => {
  const run = new HistoryScenario();
  run.begin();
  const workflowRunTimeout = { seconds: 2 ** 63 };
  const told = run.refusedAnswer([
    { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: { workflowRunTimeout } },
  ]);
  assert.match(told ?? '', /Invalid WorkflowRunTimeout .*: duration exceeds \+10000 years/);
});

story('a worker that keeps a workflow task by heartbeats', 'St S B C S B C Mk S B C Mk S B C Completed', (run) => {
  run.begin().answer([], { forceCreateNewWorkflowTask: true });
  run.begin().answer([marker()], { forceCreateNewWorkflowTask: true });
  run.begin().answer([marker()], { forceCreateNewWorkflowTask: true });
  run.begin().answer([completeWorkflow]);
});

story('heartbeats that say nothing for half an hour', 'St S B C S B T S', (run) => {
  run.begin().answer([], { forceCreateNewWorkflowTask: true });
  // The task itself has not timed out: only the chain is too long.
  run.begin();
  run.now += 30 * MINUTE_MS + 1;
  assert.equal(run.refusedAnswer([], { forceCreateNewWorkflowTask: true }), 'workflow task heartbeat timeout');
  assert.equal(run.state.info.workflowTask?.attempt, 1);
});

story(
  'an activity that completes while a later workflow task runs',
  'St S B C Mk AS S B C Mk AB AC S B C Completed',
  (run) => {
    run.begin().answer([marker(), scheduleActivity()], { forceCreateNewWorkflowTask: true });
    run.begin();
    run.do('CompleteActivity', { held: run.take(), identity: 'worker' });
    run.answer([marker()]);
    const { scheduledEventId, startedEventId } = run.last('ActivityTaskCompleted');
    assert.deepEqual([scheduledEventId, startedEventId], [6, 11]);
    assert.equal(run.last('ActivityTaskStarted').scheduledEventId, 6);
    run.begin().answer([completeWorkflow]);
  },
);

story('a request that attaches itself while a workflow task runs', 'St S B C AS OptionsUpdated S B', (run) => {
  run.begin().attach('another');
  run.answer([scheduleActivity()]);
  run.begin();
});

story('a workflow task that fails twice and then succeeds', 'St S B F S B C Completed', (run) => {
  run.begin().fails();
  run.begin().fails();
  run.begin().answer([completeWorkflow]);
  const scheduled = attributesOf('WorkflowTaskScheduled', run.events[4] ?? {});
  assert.equal(scheduled.attempt, 3);
});

story(
  'a run that is paused while a repeated workflow task runs stays paused',
  'St S B F S B C WorkflowExecutionPaused',
  (run) => {
    run.begin().fails();
    run.begin();
    run.do('PauseWorkflow', { identity: '', reason: '', requestId: '' });
    run.answer();
    assert.equal(run.state.info.status, 8);
    assert.equal(run.state.info.workflowTask, undefined);
  },
);

story('a signal during a repeated workflow task, which then fails', 'St S B F Sig S', (run) => {
  run.begin().fails();
  run.begin().signal();
  run.fails();
  assert.equal(run.state.info.workflowTask?.attempt, 1);
});

story('termination while a worker overlooks a signal', 'St S B F Sig Terminated', (run) => {
  run.begin().signal();
  run.terminate();
  assert.equal(run.last('WorkflowTaskFailed').cause, 17);
});

story('termination while a repeated workflow task overlooks a signal', 'St S B F Sig Terminated', (run) => {
  run.begin().fails();
  run.begin().signal();
  run.terminate();
  assert.equal(run.last('WorkflowTaskFailed').cause, 24, 'the repeated task leaves no failure of its own');
});

story('termination while the workflow task waits', 'St S Terminated', (run) => {
  run.terminate();
});

test('history of a run: one whose time is over before any worker came', () => {
  const run = new HistoryScenario({ workflowRunTimeout: seconds(60) });
  run.pass(MINUTE_MS);
  assert.equal(run.short, 'St S TimedOut');
  assert.equal(run.last('WorkflowExecutionTimedOut').retryState, 5);
});

story('an oversize marker while a signal waits', 'St S B F Sig Terminated', (run) => {
  run.begin().signal();
  const told = 'BadRecordMarkerAttributes: RecordMarkerCommandAttributes.Details exceeds size limit.';
  assert.equal(run.refusedAnswer([marker('x'.repeat(2 ** 21))]), told);
  assert.equal(run.last('WorkflowTaskFailed').cause, 6);
});

test('history of a run: the signal that finds it one event too long ends it', () => {
  const run = new HistoryScenario();
  run.limits = { ...DEFAULT_LIMITS, historyCount: 20 };
  for (let i = 0; i < 5; i++) run.begin().answer(i < 3 ? [marker()] : [], { forceCreateNewWorkflowTask: true });
  assert.equal(run.events.length, 20);
  run.signal();
  const outcome = run.ask('SignalWorkflow', { signalName: 's', identity: '', requestId: '', endsBackoff: false });
  assert.equal(run.short.split(' ').slice(19).join(' '), 'S Sig Terminated');
  assert.ok(outcome.kind === 'committed');
  assert.deepEqual(outcome.refusal?.message, 'Workflow history count exceeds limit.');
});

story('a sticky worker that does not come', 'St S B C Sig S T S B C Completed', (run) => {
  run.begin().answer([], { stickyAttributes: STICKY });
  run.signal();
  assert.deepEqual({ ...run.last('WorkflowTaskScheduled').taskQueue }, { name: 'sticky', kind: 2, normalName: 'tq' });
  run.pass(5_000);
  assert.equal(run.last('WorkflowTaskTimedOut').timeoutType, 2);
  assert.deepEqual({ ...run.last('WorkflowTaskScheduled').taskQueue }, { name: 'tq', kind: 1 });
  run.begin().answer([completeWorkflow]);
});

test('history of a run: one of a cron schedule waits for its time and is followed by another', () => {
  const run = new HistoryScenario({ cronSchedule: '@every 1h' });
  assert.equal(run.short, 'St');
  assert.equal(fromDuration(run.last('WorkflowExecutionStarted').firstWorkflowTaskBackoff), 60 * MINUTE_MS);
  run.pass(60 * MINUTE_MS);
  run.begin();
  const [startedEvent] = run.events;
  const outcome = run.ask(
    'CompleteWorkflowTask',
    { held: run.held, request: { commands: [completeWorkflow] } },
    startedEvent,
  );
  assert.equal(run.short, 'St S B C Completed');
  assert.ok(outcome.kind === 'committed' && outcome.next);
  assert.equal(run.last('WorkflowExecutionCompleted').newExecutionRunId, outcome.next.diff.info.runId);
  assert.equal(outcome.next.diff.info.status, 1);
});

story(
  'a close is not past a timer that its own worker cancels',
  'St S B C TimerStarted Mk S B C TimerCanceled Completed',
  (run) => {
    run.begin().answer([startTimer('t', 1), marker()], { forceCreateNewWorkflowTask: true });
    run.begin().pass(1_000);
    assert.equal(run.state.timers.size, 0, 'it has fired, and waits for its place');
    run.answer([cancelTimer('t'), completeWorkflow]);
  },
);
