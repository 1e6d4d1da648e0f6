import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '@duramesh/runtime';
import type { Plain, temporal } from '@duramesh/proto';
import { ActivityScenario, payloads, scheduleActivity, seconds, startTimer } from './activity-scenario.fixture.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { jsonPayload } from './properties.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type Request = Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest>;

function limited(limits: Partial<Limits>, request: Request = {}): ActivityScenario {
  const run = new ActivityScenario(request);
  run.limits = { ...DEFAULT_LIMITS, ...limits };
  return run;
}

/** What the caller is told of a transition in whose place the run has ended. */
function toldWhenEnded(run: ActivityScenario, act: () => unknown): string {
  const outcome = act() as { readonly refusal?: { readonly code: string; readonly message: string } };
  assert.equal(run.names().at(-1), 'WorkflowExecutionTerminated');
  assert.equal(run.last('WorkflowExecutionTerminated').identity, 'history-service');
  return `${outcome.refusal?.code} ${outcome.refusal?.message}`;
}
const signal = (run: ActivityScenario) =>
  run.ask('SignalWorkflow', { signalName: 's', identity: 'client', requestId: '', endsBackoff: false });

test('a history that is one event too long ends at the next write, and its caller is told why', () => {
  const run = limited({ historyCount: 6 });
  run.advance();
  run.signal();
  run.signal();
  assert.equal(run.events.length, 7, 'events that get their ids with a transition do not count for it');
  const told = toldWhenEnded(run, () => signal(run));
  assert.equal(told, 'InvalidArgument Workflow history count exceeds limit.');
  assert.equal(run.last('WorkflowExecutionTerminated').reason, 'Workflow history count exceeds limit.');
  assert.deepEqual(run.names(5), [
    'WorkflowExecutionSignaled',
    'WorkflowTaskScheduled',
    'WorkflowExecutionSignaled',
    'WorkflowExecutionTerminated',
  ]);
});

test('a history that is too large ends the run, and a workflow task that a worker holds fails first', () => {
  const run = limited({});
  run.takeWorkflowTask();
  run.limits = { ...DEFAULT_LIMITS, historySizeBytes: run.state.info.historySizeBytes - 1 };
  assert.equal(
    toldWhenEnded(run, () => signal(run)),
    'InvalidArgument Workflow history size exceeds limit.',
  );
  assert.deepEqual(run.names(4), ['WorkflowTaskFailed', 'WorkflowExecutionTerminated']);
});

test('a run that holds too much ends: here by what its activities have told of themselves', () => {
  const run = limited({ stateSizeBytes: 100_000, memoSizeBytes: 10_000 });
  run.advance(scheduleActivity({ activityId: 'a1' }), scheduleActivity({ activityId: 'a2' }));
  run.do('HeartbeatActivity', { held: run.take('a1'), details: payloads('x'.repeat(60_000)), identity: 'w' });
  const held = run.take('a2');
  const told = toldWhenEnded(run, () =>
    run.ask('HeartbeatActivity', { held, details: payloads('x'.repeat(60_000)), identity: 'w' }),
  );
  assert.equal(told, 'InvalidArgument Workflow mutable state size exceeds limit.');
});

test('a memo counts for what a run holds', () => {
  const run = limited({ stateSizeBytes: 50_000 });
  const command = (value: string): Command => ({
    commandType: 16,
    modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: { note: jsonPayload(value) } } },
  });
  run.advance(command('x'.repeat(40_000)));
  assert.equal(run.names().at(-1), 'WorkflowPropertiesModified');
  run.signal();
  assert.equal(
    toldWhenEnded(run, () => tryToAdvance(run, command('x'.repeat(50_000)))),
    'InvalidArgument Workflow mutable state size exceeds limit.',
  );
});

function tryToAdvance(run: ActivityScenario, ...commands: readonly Command[]): unknown {
  run.takeWorkflowTask();
  const { scheduledEventId, startedEventId, startedMs, attempt, stamp } = must(run.state.info.workflowTask, 'taken');
  const held = { scheduledEventId, startedEventId, startedMs, attempt, stamp };
  return run.ask('CompleteWorkflowTask', { held, request: { identity: 'worker', commands } });
}

test('events that are together too large to be written end the run, which says how large they were', () => {
  const run = limited({ transactionSizeBytes: 30_000 });
  const marker: Command = {
    commandType: 9,
    recordMarkerCommandAttributes: { markerName: 'm', details: { d: payloads('x'.repeat(20_000)) } },
  };
  const told = toldWhenEnded(run, () => tryToAdvance(run, marker, marker));
  assert.match(told, /^InvalidArgument transaction size of 4\d{4} bytes exceeds limit of 30000 bytes$/);
  const { reason, details } = run.last('WorkflowExecutionTerminated');
  assert.equal(reason, 'Transaction size exceeds limit.');
  assert.equal(`InvalidArgument ${JSON.parse(Buffer.from(details?.payloads?.[0]?.data ?? []).toString())}`, told);
  assert.deepEqual(run.names(3), ['WorkflowTaskStarted', 'WorkflowTaskFailed', 'WorkflowExecutionTerminated']);
});

test('too many events that wait for a worker fail its task, and another task tells of them', () => {
  const run = limited({ bufferedEvents: 2 });
  run.takeWorkflowTask();
  for (let i = 0; i < 3; i++) run.signal();
  assert.deepEqual(run.names(4), [
    'WorkflowTaskFailed',
    'WorkflowExecutionSignaled',
    'WorkflowExecutionSignaled',
    'WorkflowExecutionSignaled',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.last('WorkflowTaskFailed').cause, 17);
});

test('too many events that wait in a paused run fail its task, and no other follows', () => {
  const run = limited({ bufferedEvents: 2 });
  run.takeWorkflowTask();
  run.do('PauseWorkflow', { identity: '', reason: '', requestId: '' });
  for (let i = 0; i < 2; i++) run.signal();
  assert.equal(run.names().at(-1), 'WorkflowExecutionSignaled');
  assert.equal(run.state.info.workflowTask, undefined);
  assert.equal(run.state.info.status, 8);
});

test('events that wait may together take up as much as fits', () => {
  const run = limited({ bufferedSizeBytes: 10_000 });
  run.takeWorkflowTask();
  const input = payloads('x'.repeat(6_000));
  const large = () =>
    run.do('SignalWorkflow', { signalName: 's', input, identity: '', requestId: '', endsBackoff: false });
  large();
  assert.equal(run.names().at(-1), 'WorkflowTaskStarted');
  large();
  assert.equal(run.names().at(-1), 'WorkflowTaskScheduled');
});

test('a run takes so many signals and no more, unless there is no limit', () => {
  const run = limited({ signals: 2 });
  run.signal();
  run.signal();
  const refused = run.refusal('SignalWorkflow', { signalName: 's', identity: '', requestId: '', endsBackoff: false });
  assert.deepEqual(
    [refused.code, refused.message],
    ['InvalidArgument', 'exceeded workflow execution limit for signal events'],
  );
  run.limits = { ...DEFAULT_LIMITS, signals: 0 };
  run.signal();
});

test('so many activities may be pending and no more, unless there is no limit', () => {
  const two = [scheduleActivity({ activityId: 'a1' }), scheduleActivity({ activityId: 'a2' })];
  const run = limited({ pendingActivities: 1 });
  tryToAdvance(run, ...two);
  const { cause, failure } = run.last('WorkflowTaskFailed');
  assert.equal(cause, 27);
  assert.equal(
    failure?.message,
    'PendingActivitiesLimitExceeded: the number of pending activities, 1, has reached the per-workflow limit of 1',
  );
  const free = limited({ pendingActivities: 0 });
  free.advance(...two);
  assert.equal(free.state.activities.size, 2);
});

test('a worker is advised to continue as new when the history has become large or long', () => {
  const small = limited({});
  small.takeWorkflowTask();
  assert.equal(small.last('WorkflowTaskStarted').suggestContinueAsNew, false);
  const run = limited({ suggestContinueAsNewSizeBytes: 1, suggestContinueAsNewCount: 3 });
  run.takeWorkflowTask();
  const { suggestContinueAsNew, suggestContinueAsNewReasons } = run.last('WorkflowTaskStarted');
  assert.equal(suggestContinueAsNew, true);
  assert.deepEqual(suggestContinueAsNewReasons, [1, 2]);
  const oneMore = limited({ suggestContinueAsNewCount: 4 });
  oneMore.takeWorkflowTask();
  assert.equal(oneMore.last('WorkflowTaskStarted').suggestContinueAsNew, false);
});

test('a workflow task timeout is what was asked for, within its bounds', () => {
  const timeoutOf = (request: Request): number | undefined =>
    new ActivityScenario(request).last('WorkflowTaskScheduled').startToCloseTimeout?.seconds;
  assert.equal(timeoutOf({}), 10);
  assert.equal(timeoutOf({ workflowTaskTimeout: seconds(600) }), 120);
  assert.equal(timeoutOf({ workflowRunTimeout: seconds(7) }), 7);
});

const long = 'x'.repeat(1_001);
const blob = payloads('b'.repeat(2 ** 21));
const attributes = (fields: object) => ({ commandType: 13, upsertWorkflowSearchAttributesCommandAttributes: fields });

/** Each with what the worker is told, and whether the run ends with it. */
const commandRefusals: readonly [string, Command, string, boolean][] = [
  [
    'a timer id',
    startTimer(long, 1),
    `BadStartTimerAttributes: TimerId on StartTimerCommand exceeds length limit. TimerId=${long} Length=1001 Limit=1000`,
    false,
  ],
  [
    'an activity id',
    scheduleActivity({ activityId: long }),
    'BadScheduleActivityAttributes: activityId exceeds length limit. Length=1001 Limit=1000',
    false,
  ],
  [
    'an activity type',
    scheduleActivity({ activityType: { name: long } }),
    'BadScheduleActivityAttributes: activityType exceeds length limit. Length=1001 Limit=1000',
    false,
  ],
  [
    'a task queue',
    scheduleActivity({ taskQueue: { name: long } }),
    'BadScheduleActivityAttributes: taskQueue length exceeds limit',
    false,
  ],
  [
    'a marker name',
    { commandType: 9, recordMarkerCommandAttributes: { markerName: long } },
    `BadRecordMarkerAttributes: MarkerName on RecordMarkerCommand exceeds length limit. MarkerName=${long} Length=1001 Limit=1000`,
    false,
  ],
  [
    'a type to continue as',
    { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: long } } },
    'BadContinueAsNewAttributes: WorkflowType on ContinueAsNewWorkflowExecutionCommand exceeds length limit.',
    false,
  ],
  [
    'an activity input',
    scheduleActivity({ input: blob }),
    'BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.',
    true,
  ],
  [
    'marker details',
    { commandType: 9, recordMarkerCommandAttributes: { markerName: 'm', details: { d: blob } } },
    'BadRecordMarkerAttributes: RecordMarkerCommandAttributes.Details exceeds size limit.',
    true,
  ],
  [
    'a result',
    { commandType: 4, completeWorkflowExecutionCommandAttributes: { result: blob } },
    'BadScheduleActivityAttributes: CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.',
    true,
  ],
  [
    'a failure',
    { commandType: 5, failWorkflowExecutionCommandAttributes: { failure: { message: 'x'.repeat(2 ** 21) } } },
    'BadFailWorkflowExecutionAttributes: FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.',
    true,
  ],
  [
    'the input of a next run',
    { commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: { input: blob } },
    'BadContinueAsNewAttributes: ContinueAsNewWorkflowExecutionCommandAttributes. Input exceeds size limit.',
    true,
  ],
  [
    'the memo of a next run',
    {
      commandType: 10,
      continueAsNewWorkflowExecutionCommandAttributes: { memo: { fields: { m: blob.payloads?.[0] ?? {} } } },
    },
    'BadContinueAsNewAttributes: ContinueAsNewWorkflowExecutionCommandAttributes. Memo exceeds size limit.',
    true,
  ],
  [
    'a memo',
    {
      commandType: 16,
      modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: { m: blob.payloads?.[0] ?? {} } } },
    },
    'BadModifyWorkflowPropertiesAttributes: ModifyWorkflowPropertiesCommandAttributes. Memo size exceeds limit.',
    true,
  ],
  [
    'search attributes',
    attributes({ searchAttributes: { indexedFields: { K: jsonPayload('v'.repeat(50_000)) } } }),
    'BadSearchAttributes: UpsertWorkflowSearchAttributesCommandAttributes.IndexedFields exceeds size limit.',
    true,
  ],
];

for (const [what, command, told, ends] of commandRefusals) {
  test(`${what} that is too large fails the workflow task${ends ? ' and ends the run' : ''}`, () => {
    const run = limited({});
    const outcome = tryToAdvance(run, command) as { readonly refusal?: { readonly message: string } };
    assert.equal(outcome.refusal?.message, told);
    assert.equal(run.last('WorkflowTaskFailed').failure?.message, told);
    assert.equal(run.names().at(-1), ends ? 'WorkflowExecutionTerminated' : 'WorkflowTaskFailed');
    if (!ends) return;
    assert.equal(run.last('WorkflowExecutionTerminated').reason, told);
    assert.equal(run.last('WorkflowExecutionTerminated').identity, 'history-service');
  });
}
