import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueueDeployment } from '@duramesh/proto';
import { toTimestamp } from '../workflow/events.ts';
import { NO_ROUTE, routeOf, targetOf } from './route.ts';
import { UNVERSIONED } from './versions.ts';

const version = (buildId: string, deploymentName = 'dep') => ({ deploymentName, buildId });
const currentAt = (buildId: string, ms: number, deploymentName = 'dep'): QueueDeployment => ({
  deploymentName,
  revision: 1,
  routing: {
    currentDeploymentVersion: version(buildId, deploymentName),
    currentVersionChangedTime: toTimestamp(ms),
  },
  buildIds: ['1', '2'],
});

test('of two deployments with workers on a queue the one decides that was set last', () => {
  const route = routeOf([currentAt('1', 5_000, 'a'), currentAt('2', 9_000, 'b'), currentAt('1', 7_000, 'c')]);
  assert.deepEqual(route.current, version('2', 'b'));
});

test('a version without workers on the queue gets nothing of it', () => {
  assert.equal(routeOf([currentAt('9', 5_000)]).current, undefined);
});

test('a workflow that is with the ramping version stays there while the ramp grows', () => {
  const ids = Array.from({ length: 2_000 }, (_, i) => `workflow-${i}`);
  const routes = [0, 1, 10, 50, 90, 100].map((percentage) => ({
    ...NO_ROUTE,
    current: version('1'),
    ramping: version('2'),
    isRamping: true,
    percentage,
  }));
  const counts = routes.map((route) => ids.filter((id) => targetOf(route, id)?.buildId === '2'));
  for (const [at, ramped] of counts.entries()) {
    const share = (100 * ramped.length) / ids.length;
    assert.ok(Math.abs(share - (routes[at]?.percentage ?? 0)) < 4, `${share} %`);
    const before = counts[at - 1] ?? [];
    assert.ok(before.every((id) => ramped.includes(id)));
  }
});

test('a run that asks for the ramping version gets it, however small the ramp', () => {
  const route = { ...NO_ROUTE, current: version('1'), ramping: version('2'), isRamping: true };
  assert.deepEqual(targetOf(route, 'any', true), version('2'));
  assert.deepEqual(targetOf(route, 'any'), version('1'));
  assert.deepEqual(targetOf({ ...route, isRamping: false }, 'any', true), version('1'));
});

test('a ramp may lead back to workers without a version', () => {
  const { routing } = currentAt('1', 5_000);
  const ramp = {
    rampingVersion: UNVERSIONED,
    rampingVersionPercentage: 100,
    rampingVersionPercentageChangedTime: toTimestamp(6_000),
  };
  const route = routeOf([{ ...currentAt('1', 5_000), routing: { ...routing, ...ramp } }]);
  assert.equal(targetOf(route, 'any'), undefined);
});
