import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plain, Reason, temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import {
  type ActivityScenario,
  cancelActivity,
  scheduleActivity,
  seconds,
  startTimer,
} from '../activity-scenario.fixture.ts';
import { FamilyScenario, parentage, signalExternal, startChild } from '../family-scenario.fixture.ts';
import { completeWorkflow, HistoryScenario, STICKY } from '../history-scenario.fixture.ts';
import { explainRun } from './explain-run.ts';
import { inWords, type WaitCode } from './reason.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;

const failure = { message: 'the bank\n said no', applicationFailureInfo: {} };
const target = { by: 'id', activityId: 'a1' } as const;
const who = { identity: 'ops', reason: 'migration', requestId: '' };

const reasonsOf = ({ state, now }: ActivityScenario): readonly Reason[] => explainRun(state, now).reasons;
const codesOf = (run: ActivityScenario): readonly string[] => reasonsOf(run).map(({ code }) => code);

function only(run: ActivityScenario, code: WaitCode): Reason {
  assert.deepEqual(codesOf(run), [code]);
  return must(reasonsOf(run)[0], 'there is one reason');
}

/** After its first workflow task, with these commands. */
function after(...commands: readonly Command[]): HistoryScenario {
  const run = new HistoryScenario();
  run.advance(...commands);
  return run;
}

test('a workflow task that nobody has taken waits for a worker of its queue, and names it', () => {
  const run = new HistoryScenario();
  run.now += 3_000;
  const { text, sinceMs, queue } = only(run, 'WORKFLOW_TASK_SCHEDULED');
  assert.equal(text, 'The workflow task waits for a worker of tq, since 3 s.');
  assert.equal(sinceMs, run.now - 3_000);
  assert.deepEqual(queue, { name: 'tq', type: 1, sticky: false, normalName: '', workerVersion: '' });
});

test('a task on the queue of a sticky worker tells when it goes to the normal one', () => {
  const run = new HistoryScenario();
  run.begin().answer([], { stickyAttributes: STICKY });
  run.signal();
  const { queue, untilMs } = only(run, 'WORKFLOW_TASK_SCHEDULED');
  assert.deepEqual([queue?.name, queue?.sticky, queue?.normalName], ['sticky', true, 'tq']);
  assert.equal(untilMs, run.now + 5_000);
});

test('a worker at the workflow task is named with the moment at which it is given up', () => {
  const run = new HistoryScenario();
  run.begin();
  const { text, untilMs, sinceMs } = only(run, 'WORKFLOW_TASK_RUNNING');
  assert.match(text, /by worker, since 0 ms\.$/);
  assert.deepEqual([sinceMs, untilMs], [run.now, run.now + 10_000]);
});

test('a workflow task that keeps failing comes first, with how often and with what', () => {
  const run = new HistoryScenario();
  for (let i = 0; i < 3; i++) run.begin().fails();
  assert.deepEqual(codesOf(run), ['WORKFLOW_TASK_FAILING', 'WORKFLOW_TASK_SCHEDULED']);
  assert.match(reasonsOf(run)[0]?.text ?? '', /failed 3 times in a row, first with NonDeterministicError\.$/);
});

test('a run of which nothing is pending waits for whatever comes from outside', () => {
  const run = after();
  assert.equal(only(run, 'IDLE').sinceMs, run.now);
});

test('timers are told with their moments, the next one first', () => {
  const run = after(startTimer('late', 60), startTimer('soon', 5));
  const [first, second] = reasonsOf(run);
  assert.deepEqual([first?.code, first?.subject, first?.untilMs], ['TIMER', 'soon', run.now + 5_000]);
  assert.deepEqual([second?.subject, second?.untilMs], ['late', run.now + 60_000]);
});

test('an activity that waits for a worker names its own queue', () => {
  const run = after(scheduleActivity({ taskQueue: { name: 'payments' } }));
  const { queue, subject } = only(run, 'ACTIVITY_SCHEDULED');
  assert.deepEqual([subject, queue?.name, queue?.type], ['a1', 'payments', 2]);
});

test('a running activity names its worker, its start and its last heartbeat', () => {
  const run = after(scheduleActivity({ heartbeatTimeout: seconds(30) }));
  const held = run.take();
  run.now += 2_000;
  assert.match(only(run, 'ACTIVITY_RUNNING').text, /runs on worker, attempt 1, since 2 s, no heartbeat yet\.$/);
  run.do('HeartbeatActivity', { held, details: undefined, identity: 'worker' });
  run.now += 1_000;
  const { text, untilMs, sinceMs } = only(run, 'ACTIVITY_RUNNING');
  assert.match(text, /since 3 s, last heartbeat 1 s ago\.$/);
  assert.deepEqual([sinceMs, untilMs], [run.now - 3_000, run.now + 29_000]);
});

test('an activity between attempts tells when it is tried again, and how the last attempt failed', () => {
  const run = after(scheduleActivity({ retryPolicy: { initialInterval: seconds(10), maximumAttempts: 5 } }));
  run.do('FailActivity', { held: run.take(), failure, identity: 'worker' });
  const { text, untilMs, sinceMs } = only(run, 'ACTIVITY_RETRY_BACKOFF');
  assert.equal(
    text,
    'Activity act (a1) is tried again in 10 s, attempt 2 of 5. The last one failed: the bank said no.',
  );
  assert.deepEqual([sinceMs, untilMs], [run.now, run.now + 10_000]);
});

test('a paused activity names who paused it and why; one that still runs says that it is the last attempt', () => {
  const run = after(scheduleActivity());
  run.do('PauseActivity', { target, ...who });
  const { text, sinceMs } = only(run, 'ACTIVITY_PAUSED');
  assert.equal(text, 'Activity act (a1) was paused by ops: migration.');
  assert.equal(sinceMs, run.now);
  const busy = after(scheduleActivity());
  busy.take();
  busy.do('PauseActivity', { target, ...who });
  assert.match(only(busy, 'ACTIVITY_RUNNING').text, /It was paused: no other attempt follows/);
});

test('an activity that was asked to stop says so while it runs', () => {
  const run = after(scheduleActivity());
  run.take();
  run.signal();
  run.advance(cancelActivity(run.activity()?.scheduledEventId ?? 0));
  assert.match(only(run, 'ACTIVITY_RUNNING').text, /The workflow has asked it to stop\.$/);
});

test('a paused workflow says who paused it, and names no queue for what nobody is asked to do', () => {
  const run = after(scheduleActivity());
  run.do('PauseWorkflow', who);
  const { text } = only(run, 'WORKFLOW_PAUSED');
  assert.equal(text, 'The workflow was paused by ops: migration: no worker is asked.');
});

test('a child is told as being started, then as running', () => {
  const run = new FamilyScenario();
  run.advance(startChild());
  assert.equal(only(run, 'CHILD_STARTING').subject, 'child');
  run.childStarted(5);
  run.childConfirmed(5);
  run.advance();
  assert.match(only(run, 'CHILD_RUNNING').advice, /explain child$/);
});

test('a signal on its way to another workflow names that one', () => {
  const run = new FamilyScenario();
  run.advance(signalExternal());
  assert.equal(only(run, 'EXTERNAL_SIGNAL').subject, 'other');
});

test('a child whose parent has not recorded its start waits for the parent', () => {
  const run = new FamilyScenario({}, parentage);
  assert.equal(only(run, 'PARENT_NOT_HEARD').subject, 'parent');
});

test('a start delay, a cron schedule and the retry of a workflow are told apart, each with its end', () => {
  const delayed = new HistoryScenario({ workflowStartDelay: seconds(90) });
  const { text, untilMs } = only(delayed, 'WORKFLOW_START_DELAY');
  assert.equal(text, 'The run was started with a delay, which ends in 1 min 30 s.');
  assert.equal(untilMs, delayed.now + 90_000);
  const cron = new HistoryScenario({ cronSchedule: '0 0 * * *' });
  assert.match(only(cron, 'WORKFLOW_CRON_BACKOFF').text, /^The schedule "0 0 \* \* \*"/);
  const { info } = delayed.state;
  const retried = explainRun({ ...delayed.state, info: { ...info, attempt: 3 } }, delayed.now).reasons[0];
  assert.deepEqual([retried?.code, retried?.untilMs], ['WORKFLOW_RETRY_BACKOFF', delayed.now + 90_000]);
});

test('a closed run says how and when it ended, and which run goes on', () => {
  const run = after(completeWorkflow);
  const closed = only(run, 'CLOSED');
  assert.equal(closed.text, 'The run has ended: completed.');
  assert.equal(closed.sinceMs, run.now);
  const chained = after({ commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: {} });
  const { subject } = only(chained, 'CONTINUED_AS_NEW');
  assert.equal(subject, chained.state.info.newExecutionRunId);
});

test('of hundreds of reasons the first are listed and the rest counted', () => {
  const run = after(...Array.from({ length: 120 }, (_, i) => startTimer(`t${i}`, 60 + i)));
  const { reasons, omitted } = explainRun(run.state, run.now);
  assert.deepEqual([reasons.length, omitted], [50, 70]);
});

test('a duration is told by its two largest units', () => {
  const told = [40, 3_000, 90_000, 7_500_000, 90_000_000, 86_400_000].map(inWords);
  assert.deepEqual(told, ['40 ms', '3 s', '1 min 30 s', '2 h 5 min', '1 d 1 h', '1 d']);
});
