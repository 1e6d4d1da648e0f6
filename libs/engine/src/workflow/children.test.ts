import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeWorkflow, payloads, seconds, startTimer } from './activity-scenario.fixture.ts';
import { canonical } from './canonical.ts';
import { EVENT_TYPES } from './events.ts';
import { FamilyScenario, parentage, POLICY, startChild } from './family-scenario.fixture.ts';
import { DEFAULT_LIMITS } from './limits.ts';

/** A parent with a started child (initiated by event 5, started by event 6) that its worker knows of. */
function family(parentClosePolicy: number = POLICY.terminate): FamilyScenario {
  const run = new FamilyScenario();
  run.advance(startChild({ parentClosePolicy }));
  run.childStarted(5);
  run.childConfirmed(5);
  run.advance();
  return run;
}

test('a child is started, then told that its start is recorded, then nothing is left to be done', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  assert.deepEqual(run.left, ['StartChild/5']);
  assert.equal(run.outstanding, true);
  run.childStarted(5);
  assert.deepEqual(run.left, ['ConfirmChild/5']);
  run.childConfirmed(5);
  run.advance();
  assert.deepEqual(run.left, []);
  assert.equal(run.outstanding, false);
});

test('what the command leaves out is filled in when the child is initiated', () => {
  const run = new FamilyScenario({ workflowRunTimeout: seconds(600) });
  run.advance(startChild({ workflowExecutionTimeout: seconds(5) }));
  const { taskQueue, workflowRunTimeout, workflowTaskTimeout, parentClosePolicy, workflowIdReusePolicy, namespace } =
    run.last('StartChildWorkflowExecutionInitiated');
  assert.deepEqual(
    canonical({
      taskQueue,
      workflowRunTimeout,
      workflowTaskTimeout,
      parentClosePolicy,
      workflowIdReusePolicy,
      namespace,
    }),
    {
      taskQueue: { name: 'tq', kind: 1 },
      workflowRunTimeout: { seconds: 5 },
      workflowTaskTimeout: { seconds: 5 },
      parentClosePolicy: POLICY.terminate,
      workflowIdReusePolicy: 1,
      namespace: 'default',
    },
  );
});

test('a child that starts and ends while a worker is at work is told after signals, and the end names the start', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  run.signal();
  run.takeWorkflowTask();
  run.childStarted(5);
  run.childClosed(5);
  run.signal();
  run.advance();
  assert.deepEqual(run.names(9), [
    'WorkflowTaskCompleted',
    'ChildWorkflowExecutionStarted',
    'WorkflowExecutionSignaled',
    'ChildWorkflowExecutionCompleted',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.last('ChildWorkflowExecutionCompleted').startedEventId, 10);
  assert.deepEqual(canonical(run.last('ChildWorkflowExecutionCompleted').result), canonical(payloads('done')));
});

test('the end of a child comes once, whoever reports it again', () => {
  const run = family();
  run.childClosed(5);
  const { length } = run.events;
  assert.equal(run.ask('RecordChildClosed', run.closing(5)).kind, 'noop');
  assert.equal(run.ask('RecordChildStarted', { initiatedEventId: 5, runId: 'x', header: undefined }).kind, 'noop');
  assert.equal(run.events.length, length);
  assert.equal(run.last('ChildWorkflowExecutionCompleted').startedEventId, 6);
});

test('a child that ends before its start was recorded is told to have been started', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  const terminated = {
    eventType: EVENT_TYPES.WorkflowExecutionTerminated,
    workflowExecutionTerminatedEventAttributes: {},
  };
  run.childClosed(5, terminated);
  assert.deepEqual(run.names(6), [
    'ChildWorkflowExecutionStarted',
    'ChildWorkflowExecutionTerminated',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.last('ChildWorkflowExecutionTerminated').startedEventId, 6);
  assert.deepEqual(run.left, []);
});

test('of the end of another chain with the id of the child the parent takes no notice', () => {
  const run = family();
  const other = { ...run.closing(5), firstRunId: 'another' };
  assert.equal(run.ask('RecordChildClosed', other).kind, 'noop');
  assert.equal(run.state.children.size, 1);
});

test('a child that could not be started is gone', () => {
  const run = new FamilyScenario();
  run.advance(startChild({ control: 'c' }));
  run.do('RecordStartChildFailed', { initiatedEventId: 5, cause: 1, control: 'c' });
  assert.deepEqual(run.names(6), ['StartChildWorkflowExecutionFailed', 'WorkflowTaskScheduled']);
  assert.equal(run.state.children.size, 0);
  assert.deepEqual(run.left, []);
});

test('a child of a run that closes in the same completion is never started', () => {
  const run = new FamilyScenario();
  run.advance(startChild({ parentClosePolicy: POLICY.abandon }), completeWorkflow);
  assert.deepEqual(run.left, []);
  assert.equal(
    run.tasks.some(({ type }) => type === 'StartChild'),
    false,
  );
  assert.equal(run.outstanding, false);
});

test('when its parent closes, a child is told what its policy says, once, and an abandoned one nothing', () => {
  for (const [policy, left] of [
    [POLICY.terminate, ['ApplyClosePolicy/5']],
    [POLICY.requestCancel, ['ApplyClosePolicy/5']],
    [POLICY.abandon, []],
  ] as const) {
    const run = family(policy);
    run.terminate();
    assert.deepEqual(run.left, left);
    assert.equal(run.outstanding, left.length > 0);
    run.do('RecordTaskDone', { type: 'ApplyClosePolicy', initiatedEventId: 5 });
    assert.deepEqual(run.left, []);
    assert.equal(run.outstanding, false);
    assert.equal(run.state.children.size, 1, 'a closed run still shows it');
  }
});

test('a child that does not know of its recorded start hears of it although its parent has closed, unless it ends', () => {
  for (const [policy, left] of [
    [POLICY.terminate, ['ApplyClosePolicy/5']],
    [POLICY.requestCancel, ['ConfirmChild/5', 'ApplyClosePolicy/5']],
    [POLICY.abandon, ['ConfirmChild/5']],
  ] as const) {
    const run = new FamilyScenario();
    run.advance(startChild({ parentClosePolicy: policy }));
    run.childStarted(5);
    run.terminate();
    assert.deepEqual(run.left, left);
  }
});

test('a child that was not started cannot have been told so', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  assert.equal(run.ask('RecordTaskDone', { type: 'ConfirmChild', initiatedEventId: 5 }).kind, 'noop');
  run.childStarted(5);
  assert.deepEqual(run.left, ['ConfirmChild/5']);
});

test('what a closed run notes about its children is no transition of it', () => {
  const run = family();
  run.terminate();
  const { stateTransitionCount, nextEventId } = run.state.info;
  run.do('RecordTaskDone', { type: 'ApplyClosePolicy', initiatedEventId: 5 });
  assert.equal(run.state.info.stateTransitionCount, stateTransitionCount);
  assert.equal(run.state.info.nextEventId, nextEventId);
});

test('no worker is asked for a child before its parent has recorded the start, whatever comes', () => {
  const run = new FamilyScenario({}, parentage);
  run.signal();
  run.do('RequestCancelWorkflow', { reason: '', identity: '', requestId: '', firstExecutionRunId: '' });
  assert.equal(run.state.info.workflowTask, undefined);
  assert.equal(run.ask('ScheduleFirstWorkflowTask', {}).kind, 'committed');
  assert.deepEqual(run.names(), [
    'WorkflowExecutionStarted',
    'WorkflowExecutionSignaled',
    'WorkflowExecutionCancelRequested',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.ask('ScheduleFirstWorkflowTask', {}).kind, 'noop');
});

test('a child of a cron schedule waits for its time, and for its parent', () => {
  const run = new FamilyScenario({ cronSchedule: '@every 10s' }, parentage);
  run.pass(20_000);
  assert.deepEqual(run.names(), ['WorkflowExecutionStarted']);
  run.do('ScheduleFirstWorkflowTask', {});
  assert.deepEqual(run.names(2), ['WorkflowTaskScheduled']);

  const early = new FamilyScenario({ cronSchedule: '@every 10s' }, parentage);
  early.do('ScheduleFirstWorkflowTask', {});
  assert.deepEqual(early.names(), ['WorkflowExecutionStarted']);
  early.pass(10_000);
  assert.deepEqual(early.names(2), ['WorkflowTaskScheduled']);
});

test('a child that long hears nothing of its parent asks again and again', () => {
  const run = new FamilyScenario({}, parentage);
  const asked = (): number => run.tasks.filter(({ type }) => type === 'AskParent').length;
  run.pass(29_999);
  assert.equal(asked(), 0);
  run.pass(60_001);
  assert.equal(asked(), 3);
  run.do('ScheduleFirstWorkflowTask', {});
  run.advance();
  run.pass(600_000);
  assert.equal(asked(), 3);
});

test('a child knows its parent and its root', () => {
  const started = new FamilyScenario({}, parentage).last('WorkflowExecutionStarted');
  assert.deepEqual(canonical(started.parentWorkflowExecution), { workflowId: 'parent', runId: parentage.runId });
  assert.equal(started.parentInitiatedEventId, 5);
  assert.deepEqual(canonical(started.rootWorkflowExecution), { workflowId: 'root', runId: parentage.runId });
});

test('the last run of a child tells its parent how it ended, those before it do not', () => {
  const last = new FamilyScenario({}, parentage);
  last.do('ScheduleFirstWorkflowTask', {});
  last.advance(completeWorkflow);
  assert.deepEqual(last.left, ['ReportToParent']);
  last.do('RecordTaskDone', { type: 'ReportToParent' });
  assert.deepEqual(last.left, []);
  assert.equal(last.outstanding, false);

  const first = new FamilyScenario({}, parentage);
  first.do('ScheduleFirstWorkflowTask', {});
  first.advance({ commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: {} });
  assert.equal(first.names().at(-1), 'WorkflowExecutionContinuedAsNew');
  assert.deepEqual(first.left, []);
});

test('a run that skips time waits for its children, and they go on by its clock', () => {
  const run = new FamilyScenario({ timeSkippingConfig: { enabled: true, maxSessionSkipCount: 9 } });
  run.advance(startTimer('t', 3600));
  run.pass(0);
  run.advance(startChild(), startTimer('u', 3600));
  run.childStarted(11);
  run.advance();
  const { timeSkippingStatePropagation: passedOn } = run.last('StartChildWorkflowExecutionInitiated');
  assert.deepEqual(canonical(passedOn), { initialSkippedDuration: { seconds: 3600 } });
  assert.equal(run.names().filter((name) => name === 'TimerFired').length, 1);
  run.childClosed(11);
  run.advance();
  run.pass(0);
  assert.equal(run.names().filter((name) => name === 'TimerFired').length, 2);
});

test('more children than may be pending fail the workflow task', () => {
  const run = new FamilyScenario();
  run.limits = { ...DEFAULT_LIMITS, pendingChildren: 1 };
  const told = run.advanceBadly(startChild(), startChild({ workflowId: 'second' }));
  const text = 'the number of pending child workflow executions, 1, has reached the per-workflow limit of 1';
  assert.equal(told, `PendingChildWorkflowsLimitExceeded: ${text}`);
  assert.equal(run.state.children.size, 0);
});

test('a child in another namespace is refused', () => {
  const told = new FamilyScenario().advanceBadly(startChild({ namespace: 'elsewhere' }));
  assert.equal(told, 'BadStartChildExecutionAttributes: cross namespace commands are not allowed');
});
