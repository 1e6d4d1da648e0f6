import assert from 'node:assert/strict';
import test from 'node:test';
import { PollerScaling, type ScalingFacts } from './poller-scaling.ts';

const quiet: ScalingFacts = {
  nowMs: 0,
  waitedMs: 0,
  isFromBacklog: false,
  pollers: 1,
  isRateLimited: false,
  backlogAgeMs: () => undefined,
  rates: () => ({ tasksAddRate: 1, tasksDispatchRate: 1 }),
  isRoot: true,
};
const decide = (facts: Partial<ScalingFacts>): number => new PollerScaling().decide({ ...quiet, ...facts });

test('a poller that waited for long is one too many, unless its task comes from the backlog', () => {
  assert.equal(decide({ waitedMs: 1_000 }), -1);
  assert.equal(decide({ waitedMs: 999 }), 0);
  assert.equal(decide({ waitedMs: 1_000, isFromBacklog: true }), 0);
});

test('a backlog that has waited for a while wants another poller, in any partition', () => {
  assert.equal(decide({ backlogAgeMs: () => 201 }), 1);
  assert.equal(decide({ backlogAgeMs: () => 200 }), 0);
  assert.equal(decide({ backlogAgeMs: () => 201, isRoot: false }), 1);
});

test('more tasks coming than going want another poller, where all of them are seen', () => {
  const rates = () => ({ tasksAddRate: 13, tasksDispatchRate: 10 });
  assert.equal(decide({ rates }), 1);
  assert.equal(decide({ rates, isRoot: false }), 0);
  assert.equal(decide({ rates: () => ({ tasksAddRate: 1, tasksDispatchRate: 0 }) }), 1);
  assert.equal(decide({ rates: () => ({ tasksAddRate: 0, tasksDispatchRate: 0 }) }), 0);
});

test('where a rate limit holds tasks back, another poller would not help', () => {
  assert.equal(decide({ backlogAgeMs: () => 60_000, isRateLimited: true }), 0);
});

test('each poller is told so ten times a second at most', () => {
  const scaling = new PollerScaling();
  const told = (nowMs: number, pollers: number): number =>
    Array.from({ length: 100 }, () => scaling.decide({ ...quiet, nowMs, pollers, backlogAgeMs: () => 500 })).filter(
      (delta) => delta === 1,
    ).length;
  assert.equal(told(0, 1), 10);
  assert.equal(told(100, 1), 1);
  assert.ok(told(1_100, 3) >= 20);
});
