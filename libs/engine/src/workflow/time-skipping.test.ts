import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActivityScenario,
  completeWorkflow,
  scheduleActivity,
  seconds,
  startTimer,
} from './activity-scenario.fixture.ts';
import { fromTimestamp } from './events.ts';
import { comparable } from './comparable.ts';
import { rebuild } from './rebuild.ts';

const HOUR_MS = 3_600_000;
const skipping = (more: object = {}) => ({ timeSkippingConfig: { enabled: true, maxSessionSkipCount: 200, ...more } });
const SKIPPED = 'WorkflowExecutionTimeSkippingTransitioned';

test('timers fire at once and in their order, and the clock of the run is where the last one fired', () => {
  const run = new ActivityScenario(skipping());
  run.advance(startTimer('second', 7200), startTimer('first', 3600));
  run.pass(0);
  run.advance();
  run.pass(0);
  assert.deepEqual(run.names(5), [
    'TimerStarted',
    'TimerStarted',
    SKIPPED,
    'TimerFired',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    SKIPPED,
    'TimerFired',
    'WorkflowTaskScheduled',
  ]);
  assert.equal(run.last('TimerFired').timerId, 'second');
  assert.equal(run.now, 1_000_000, 'nobody has waited');
  assert.equal(fromTimestamp(run.events.at(-1)?.eventTime), 1_000_000 + 2 * HOUR_MS);
  const skip = run.last(SKIPPED);
  assert.equal(fromTimestamp(skip.targetTime), 1_000_000 + 2 * HOUR_MS);
  assert.equal(fromTimestamp(skip.wallClockTime), 1_000_000);
});

test('a run that does not skip time waits for its timers', () => {
  const run = new ActivityScenario();
  run.advance(startTimer('t', 3600));
  run.pass(HOUR_MS - 1);
  assert.equal(run.names(5).includes('TimerFired'), false);
  assert.equal(run.state.info.timeSkipping, undefined);
});

test('an activity that a worker could take holds the clock', () => {
  const run = new ActivityScenario(skipping());
  run.advance(startTimer('t', 3600), scheduleActivity());
  run.pass(1_000);
  assert.deepEqual(run.names(5), ['TimerStarted', 'ActivityTaskScheduled']);
  run.do('CompleteActivity', { held: run.take(), identity: 'worker' });
  run.advance();
  assert.equal(run.names().at(-1), SKIPPED);
});

test('the pause before the next attempt of an activity is skipped', () => {
  const run = new ActivityScenario(skipping());
  run.advance(scheduleActivity({ retryPolicy: { initialInterval: seconds(3600), maximumInterval: seconds(3600) } }));
  run.do('FailActivity', {
    held: run.take(),
    failure: { message: 'once', applicationFailureInfo: {} },
    identity: 'worker',
  });
  assert.equal(run.names().at(-1), SKIPPED);
  run.pass(0);
  run.take();
  assert.equal(run.activity()?.startedMs, 1_000_000 + HOUR_MS);
});

test('a start delay is skipped', () => {
  const run = new ActivityScenario({ ...skipping(), workflowStartDelay: seconds(3600) });
  run.pass(0);
  assert.deepEqual(run.names(), ['WorkflowExecutionStarted', SKIPPED, 'WorkflowTaskScheduled']);
});

test('a run with nothing but its timeout ahead times out, once it has begun', () => {
  const run = new ActivityScenario({ ...skipping(), workflowRunTimeout: seconds(3600) });
  run.pass(1_000);
  assert.deepEqual(run.names(), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  run.advance();
  run.pass(0);
  assert.deepEqual(run.names(5), [SKIPPED, 'WorkflowExecutionTimedOut']);
});

test('a run with nothing ahead stays where it is', () => {
  const run = new ActivityScenario(skipping());
  run.advance();
  assert.equal(run.names().at(-1), 'WorkflowTaskCompleted');
  assert.equal(run.wakeAtMs, 0);
});

test('skipping stops when the skips of the session are used up', () => {
  const run = new ActivityScenario(skipping({ maxSessionSkipCount: 1 }));
  run.advance(startTimer('first', 3600), startTimer('second', 7200));
  run.pass(0);
  run.advance();
  assert.equal(run.names().at(-1), 'WorkflowTaskCompleted');
  assert.equal(run.state.info.timeSkipping?.config?.enabled, false);
  assert.equal(run.wakeAtMs, 1_000_000 + HOUR_MS, 'the second timer comes in its own time, by a clock an hour ahead');
});

test('a fast forward fires what is on its way and then ends time skipping', () => {
  const fastForwardConfig = { id: 'f', duration: seconds(7200) };
  const run = new ActivityScenario(skipping({ fastForwardConfig }));
  run.advance(startTimer('near', 3600), startTimer('far', 36_000));
  run.pass(0);
  run.advance();
  assert.deepEqual(run.names(7), [
    SKIPPED,
    'TimerFired',
    'WorkflowTaskScheduled',
    'WorkflowTaskStarted',
    'WorkflowTaskCompleted',
    SKIPPED,
  ]);
  assert.equal(run.last(SKIPPED).disabledAfterFastForward, true);
  assert.equal(run.state.info.timeSkipping?.fastForwardReached, true);
  assert.equal(run.wakeAtMs, 1_000_000 + 8 * HOUR_MS);
});

test('a fast forward whose time comes by itself ends in the buffer of a running workflow task', () => {
  const fastForwardConfig = { id: 'f', duration: seconds(5) };
  const run = new ActivityScenario(skipping({ fastForwardConfig }));
  run.takeWorkflowTask();
  run.pass(5_000);
  assert.equal(run.state.info.timeSkipping?.config?.enabled, false);
  assert.equal(run.names().at(-1), 'WorkflowTaskStarted');
  const rebuilt = rebuild(run.state.info, run.events, run.state.buffered.values());
  assert.deepEqual(comparable(rebuilt), comparable(run.state));
  run.advance();
  assert.deepEqual(run.names(4), ['WorkflowTaskCompleted', SKIPPED, 'WorkflowTaskScheduled']);
  assert.equal(run.last(SKIPPED).targetTime, undefined);
});

test('a closed run does not skip', () => {
  const run = new ActivityScenario(skipping());
  run.advance(startTimer('t', 3600), completeWorkflow);
  assert.equal(run.names().at(-1), 'WorkflowExecutionCompleted');
  assert.equal(run.wakeAtMs, 0);
});
