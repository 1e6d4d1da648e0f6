import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawable, plan } from './plan.ts';
import { drawPlay } from './schedule.ts';

test('a seed draws the same mishaps, outages and load each time', () => {
  for (let seed = 1; seed <= 20; seed++) assert.deepEqual(drawPlay(seed, drawable), drawPlay(seed, drawable));
});

test('a hundred seeds draw every mishap that a cluster with proxies can suffer', () => {
  const schedules = plan({ form: 'schedules', schedules: 100, seed: 1, only: '' });
  const names = new Set(schedules.flatMap(({ play }) => play.mishaps.map(({ name }) => name)));
  assert.deepEqual(
    drawable.map(({ name }) => name).filter((name) => !names.has(name)),
    [],
  );
});

test('the long form has every mishap, each on the stage that it needs', () => {
  const acts = plan({ form: 'long', schedules: 0, seed: 1, only: '' }).filter(
    ({ title }) => !title.startsWith('schedule'),
  );
  const wrong = acts.filter(({ stage, play }) => play.mishaps.some((mishap) => mishap.stage !== stage));
  assert.deepEqual(wrong, []);
  const titles = acts.map(({ title }) => title);
  for (const { name } of drawable)
    assert.ok(
      titles.some((title) => title.startsWith(name)),
      name,
    );
});

test('the short form keeps to its few mishaps and a few schedules', () => {
  const acts = plan({ form: 'short', schedules: 0, seed: 1, only: '' });
  assert.equal(acts.length, 7);
});
