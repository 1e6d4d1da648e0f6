import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityInfo, CallbackInfo, ChildInfo, ExternalRequestInfo } from '@duramesh/proto';
import type { TimerInfo } from '@duramesh/proto';
import fc from 'fast-check';
import { activityDeadlines, activityDueMs, DUE } from './activity-deadlines.ts';
import { absorbMap, Overlay } from './overlay.ts';
import { NOTHING_PENDING, type Summary, summarize, summaryOf } from './summary.ts';

const time = fc.integer({ min: 1, max: 30 });
const maybe = fc.integer({ min: 0, max: 10 });

const activities = fc
  .record({
    scheduledEventId: fc.integer({ min: 1, max: 8 }),
    scheduledMs: time,
    started: fc.boolean(),
    inBackoff: fc.boolean(),
    scheduleToCloseTimeoutMs: maybe,
    scheduleToStartTimeoutMs: maybe,
    startToCloseTimeoutMs: maybe,
    heartbeatTimeoutMs: maybe,
    lastHeartbeatMs: maybe,
  })
  .map(({ started, ...fields }) =>
    ActivityInfo.create({
      ...fields,
      startedMs: started ? fields.scheduledMs + 1 : 0,
      inBackoff: fields.inBackoff && !started,
      expirationMs: fields.scheduleToCloseTimeoutMs > 0 ? fields.scheduledMs + fields.scheduleToCloseTimeoutMs : 0,
    }),
  );
const timers = fc.record({
  timerId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  startedEventId: fc.integer({ min: 1, max: 100 }),
  firesMs: time,
});
const callbacks = fc
  .string({ maxLength: 5 })
  .map((url) => CallbackInfo.create({ callback: { nexus: { url } }, registeredMs: 1 }));
const children = fc
  .record({
    initiatedEventId: fc.integer({ min: 1, max: 5 }),
    runId: fc.constantFrom('', 'run'),
    confirmed: fc.boolean(),
    policyApplied: fc.boolean(),
    parentClosePolicy: fc.integer({ min: 1, max: 3 }),
  })
  .map((fields) => ChildInfo.create(fields));
const request = (initiatedEventId: number): ExternalRequestInfo => ExternalRequestInfo.create({ initiatedEventId });
const initiated = fc.integer({ min: 1, max: 5 });
const writes = fc.array(
  fc.oneof(
    fc.record({ activity: activities }),
    fc.record({ timer: timers }),
    fc.record({ callback: callbacks }),
    fc.record({ activityGone: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ timerGone: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
    fc.record({ child: children }),
    fc.record({ childGone: initiated }),
    fc.record({ canceled: initiated }),
    fc.record({ signaled: initiated }),
  ),
  { maxLength: 6 },
);

test('an activity is due at the first of its deadlines', () => {
  fc.assert(
    fc.property(activities, (activity) => {
      const first = Math.min(Number.POSITIVE_INFINITY, ...activityDeadlines(activity).map(({ dueMs }) => dueMs));
      assert.equal(activityDueMs(activity), first);
    }),
  );
});

test('what a transition sums up from its writes is what a look at everything finds', () => {
  fc.assert(
    fc.property(fc.array(writes, { maxLength: 12 }), (transitions) => {
      const state = {
        activities: new Map<number, ActivityInfo>(),
        timers: new Map<string, TimerInfo>(),
        callbacks: new Map<number, CallbackInfo>(),
        children: new Map<number, ChildInfo>(),
        externalCancels: new Map<number, ExternalRequestInfo>(),
        externalSignals: new Map<number, ExternalRequestInfo>(),
      };
      let summary: Summary = NOTHING_PENDING;
      for (const steps of transitions) {
        const draft = {
          base: { summary },
          activities: new Overlay(state.activities),
          timers: new Overlay(state.timers),
          callbacks: new Overlay(state.callbacks),
          children: new Overlay(state.children),
          externalCancels: new Overlay(state.externalCancels),
          externalSignals: new Overlay(state.externalSignals),
        };
        for (const step of steps) {
          if ('activity' in step) draft.activities.set(step.activity.scheduledEventId, step.activity);
          else if ('timer' in step) draft.timers.set(step.timer.timerId, step.timer);
          else if ('callback' in step) draft.callbacks.set(draft.callbacks.size, step.callback);
          else if ('activityGone' in step) draft.activities.delete(step.activityGone);
          else if ('timerGone' in step) draft.timers.delete(step.timerGone);
          else if ('child' in step) draft.children.set(step.child.initiatedEventId, step.child);
          else if ('childGone' in step) draft.children.delete(step.childGone);
          else if ('canceled' in step) draft.externalCancels.set(step.canceled, request(step.canceled));
          else draft.externalSignals.set(step.signaled, request(step.signaled));
        }
        assert.equal(draft.activities.size, [...draft.activities.values()].length);
        assert.deepEqual(summaryOf(draft), summarize(draft));
        summary = summaryOf(draft);
        absorbMap(state.activities, draft.activities.diff());
        absorbMap(state.timers, draft.timers.diff());
        absorbMap(state.callbacks, draft.callbacks.diff());
        absorbMap(state.children, draft.children.diff());
        absorbMap(state.externalCancels, draft.externalCancels.diff());
        absorbMap(state.externalSignals, draft.externalSignals.diff());
        assert.deepEqual(summary, summarize(state));
      }
    }),
  );
});

const activity = (fields: Partial<ActivityInfo>): ActivityInfo =>
  ActivityInfo.create({ scheduledEventId: 5, ...fields });
const deadlinesOf = (fields: Partial<ActivityInfo>): object =>
  Object.fromEntries(activityDeadlines(activity(fields)).map(({ type, dueMs }) => [type, dueMs]));

const UNTIL_150 = { firstScheduledMs: 100, scheduleToCloseTimeoutMs: 50 };

test('an activity that no worker took is due by schedule-to-start and schedule-to-close', () => {
  const waiting = { scheduledMs: 100, scheduleToStartTimeoutMs: 10, startToCloseTimeoutMs: 5, ...UNTIL_150 };
  assert.deepEqual(deadlinesOf(waiting), { [DUE.scheduleToStart]: 110, [DUE.scheduleToClose]: 150 });
});

test('schedule-to-start runs anew from the end of a backoff, schedule-to-close from the first schedule', () => {
  const backingOff = { inBackoff: true, scheduledMs: 120, scheduleToStartTimeoutMs: 10, ...UNTIL_150 };
  assert.deepEqual(deadlinesOf(backingOff), {
    [DUE.retry]: 120,
    [DUE.scheduleToStart]: 130,
    [DUE.scheduleToClose]: 150,
  });
});

test('a heartbeat is awaited from the start, then from the last one, but not from one of an earlier attempt', () => {
  const running = { startedMs: 100, startToCloseTimeoutMs: 50, heartbeatTimeoutMs: 10 };
  assert.deepEqual(deadlinesOf(running), { [DUE.startToClose]: 150, [DUE.heartbeat]: 110 });
  assert.deepEqual(deadlinesOf({ ...running, lastHeartbeatMs: 105 }), {
    [DUE.startToClose]: 150,
    [DUE.heartbeat]: 115,
  });
  assert.deepEqual(deadlinesOf({ ...running, lastHeartbeatMs: 90 }), { [DUE.startToClose]: 150, [DUE.heartbeat]: 110 });
});

test('without timeouts nothing is ever due', () => {
  assert.equal(activityDueMs(activity({ scheduledMs: 1 })), Number.POSITIVE_INFINITY);
  assert.equal(activityDueMs(activity({ scheduledMs: 1, startedMs: 2 })), Number.POSITIVE_INFINITY);
});
