import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancelActivity, payloads, scheduleActivity, seconds } from './activity-scenario.fixture.ts';
import { describeExecution } from './describe.ts';
import { fromTimestamp } from './events.ts';
import { completeWorkflow, HistoryScenario } from './history-scenario.fixture.ts';

type Described = ReturnType<typeof describeExecution>;

function describe(run: HistoryScenario): Described {
  const [startedEvent = {}] = run.events;
  return describeExecution(run.state, { startedEvent, now: run.now });
}

const failure = { message: 'no', applicationFailureInfo: {} };
const target = { by: 'id', activityId: 'a1' } as const;
const who = { identity: 'operator', reason: 'why', requestId: '' };
const PENDING = { scheduled: 1, started: 2, cancelRequested: 3, paused: 4, pauseRequested: 5 } as const;

/** A run with one activity, retried every ten seconds, to which something happens. */
interface ActivityCase {
  readonly state: keyof typeof PENDING;
  readonly when: string;
  readonly happens: (run: HistoryScenario) => void;
  /** Whether the moment of the next attempt is told. */
  readonly tellsNext?: boolean;
}

const fail = (run: HistoryScenario): void =>
  void run.do('FailActivity', { held: run.take(), failure, identity: 'worker' });
const pause = (run: HistoryScenario): void => void run.do('PauseActivity', { target, ...who });
const cancel = (run: HistoryScenario): void => {
  run.signal();
  run.advance(cancelActivity(run.activity()?.scheduledEventId ?? 0));
};

const activityCases: readonly ActivityCase[] = [
  { state: 'scheduled', when: 'it waits for a worker', happens: () => undefined },
  { state: 'started', when: 'a worker is at it', happens: (run) => void run.take() },
  { state: 'scheduled', when: 'it waits for its next attempt', happens: fail, tellsNext: true },
  { state: 'paused', when: 'it is paused before it begins', happens: pause },
  { state: 'paused', when: 'it is paused between attempts', happens: (run) => (fail(run), pause(run)) },
  { state: 'pauseRequested', when: 'it is paused while a worker is at it', happens: (run) => (run.take(), pause(run)) },
  { state: 'cancelRequested', when: 'the workflow gives it up', happens: (run) => (run.take(), cancel(run)) },
  {
    state: 'cancelRequested',
    when: 'it is given up and paused',
    happens: (run) => (run.take(), cancel(run), pause(run)),
  },
];

for (const { state, when, happens, tellsNext = false } of activityCases) {
  test(`a pending activity is shown as ${state} when ${when}`, () => {
    const run = new HistoryScenario();
    run.advance(scheduleActivity({ retryPolicy: { initialInterval: seconds(10), maximumAttempts: 5 } }));
    happens(run);
    const [shown, more] = describe(run).pendingActivities ?? [];
    assert.equal(more, undefined);
    assert.equal(shown?.state, PENDING[state]);
    assert.equal(shown?.maximumAttempts, 5);
    assert.equal(shown?.nextAttemptScheduleTime !== undefined, tellsNext);
    assert.equal(shown?.currentRetryInterval?.seconds, tellsNext ? 10 : undefined);
    const isPaused = run.activity()?.pause !== undefined;
    assert.equal(shown?.paused, isPaused);
    assert.equal(shown?.pauseInfo?.manual?.reason, isPaused ? 'why' : undefined);
    assert.equal(shown?.lastStartedTime !== undefined, (run.activity()?.startedMs ?? 0) > 0);
  });
}

test('an attempt that failed is told with its worker, its failure and its time', () => {
  const run = new HistoryScenario();
  run.advance(scheduleActivity());
  fail(run);
  const [shown] = describe(run).pendingActivities ?? [];
  assert.equal(shown?.attempt, 2);
  assert.equal(shown?.lastFailure?.message, 'no');
  assert.equal(shown?.lastWorkerIdentity, 'worker');
  assert.equal(fromTimestamp(shown?.lastAttemptCompleteTime), run.now);
});

test('heartbeats are told once there has been one', () => {
  const run = new HistoryScenario();
  run.advance(scheduleActivity());
  const held = run.take();
  assert.equal(describe(run).pendingActivities?.[0]?.lastHeartbeatTime, undefined);
  run.do('HeartbeatActivity', { held, details: payloads('half'), identity: 'worker' });
  const [shown] = describe(run).pendingActivities ?? [];
  assert.equal(fromTimestamp(shown?.lastHeartbeatTime), run.now);
  assert.deepEqual(shown?.heartbeatDetails, payloads('half'));
});

test('a pending workflow task is told, with its start once a worker has it, also when it is tried again', () => {
  const run = new HistoryScenario();
  assert.equal(describe(run).pendingWorkflowTask?.state, 1);
  run.begin();
  const started = describe(run).pendingWorkflowTask;
  assert.deepEqual([started?.state, started?.attempt, fromTimestamp(started?.startedTime)], [2, 1, run.now]);
  run.fails();
  const again = describe(run).pendingWorkflowTask;
  assert.deepEqual([again?.state, again?.attempt, again?.startedTime], [1, 2, undefined]);
  run.begin().answer();
  assert.equal(describe(run).pendingWorkflowTask, undefined);
});

test('a start that is delayed has no workflow task yet and executes only then', () => {
  const run = new HistoryScenario({ workflowStartDelay: seconds(30) });
  const { pendingWorkflowTask, workflowExecutionInfo: info } = describe(run);
  assert.equal(pendingWorkflowTask, undefined);
  assert.equal(fromTimestamp(info?.executionTime) - fromTimestamp(info?.startTime), 30_000);
});

test('an open run has neither close time nor duration, a closed one has both', () => {
  const run = new HistoryScenario();
  const open = describe(run).workflowExecutionInfo;
  assert.deepEqual([open?.status, open?.closeTime, open?.executionDuration], [1, undefined, undefined]);
  run.now += 5_000;
  run.begin().answer([completeWorkflow]);
  const closed = describe(run).workflowExecutionInfo;
  assert.deepEqual([closed?.status, fromTimestamp(closed?.closeTime)], [2, run.now]);
  assert.equal(closed?.executionDuration?.seconds, 5);
  assert.equal(closed?.historyLength, run.events.length);
});

test('a run is its own root and its own first run, and its memo and attributes are never absent', () => {
  const run = new HistoryScenario();
  const { workflowExecutionInfo: info } = describe(run);
  assert.deepEqual(info?.rootExecution, info?.execution);
  assert.equal(info?.firstRunId, info?.execution?.runId);
  assert.equal(info?.parentExecution, undefined);
  for (const field of ['memo', 'searchAttributes', 'autoResetPoints'] as const) assert.ok(info?.[field], field);
});

test('requests are told with their events, those that wait for an id as such', () => {
  const run = new HistoryScenario();
  const signal = (requestId: string): void =>
    void run.do('SignalWorkflow', { signalName: 'go', identity: '', requestId, endsBackoff: false });
  signal('early');
  run.begin();
  signal('late');
  const infos = describe(run).workflowExtendedInfo?.requestIdInfos ?? {};
  assert.deepEqual(infos['early'], { eventType: 26, eventId: 3, buffered: false });
  assert.deepEqual(infos['late'], { eventType: 26, eventId: 0, buffered: true });
});

test('a paused run tells who paused it, a run asked to end tells that', () => {
  const run = new HistoryScenario();
  run.do('PauseWorkflow', who);
  run.cancel();
  const { workflowExecutionInfo: info, workflowExtendedInfo: extended } = describe(run);
  assert.equal(info?.status, 8);
  assert.deepEqual([extended?.pauseInfo?.identity, extended?.pauseInfo?.reason], ['operator', 'why']);
  assert.equal(extended?.cancelRequested, true);
});

test('when a run expires is told: of its chain when it has a timeout, of itself always', () => {
  const run = new HistoryScenario({ workflowExecutionTimeout: seconds(100), workflowRunTimeout: seconds(50) });
  const { workflowExtendedInfo: extended, executionConfig } = describe(run);
  assert.equal(fromTimestamp(extended?.executionExpirationTime), run.now + 100_000);
  assert.equal(fromTimestamp(extended?.runExpirationTime), run.now + 50_000);
  assert.equal(executionConfig?.workflowRunTimeout?.seconds, 50);
  assert.equal(describe(new HistoryScenario()).workflowExtendedInfo?.executionExpirationTime, undefined);
});
