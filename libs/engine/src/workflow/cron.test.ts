import assert from 'node:assert/strict';
import test from 'node:test';
import { cronBackoffMs, parseCron } from './cron.ts';

const at = (text: string): number => Date.parse(text);
function next(schedule: string, after: string): string | undefined {
  const timeMs = parseCron(schedule)?.next(at(after));
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}

test('a cron field takes values, lists, ranges, steps and names', () => {
  assert.equal(next('*/15 * * * *', '2026-03-01T10:07:31Z'), '2026-03-01T10:15:00.000Z');
  assert.equal(next('5,35 9-11 * * *', '2026-03-01T11:36:00Z'), '2026-03-02T09:05:00.000Z');
  assert.equal(next('0 0 29 feb ?', '2026-03-01T00:00:00Z'), '2028-02-29T00:00:00.000Z');
  assert.equal(next('0 12 * * MON-FRI', '2026-03-06T12:00:00Z'), '2026-03-09T12:00:00.000Z');
  assert.equal(next('10/20 * * * *', '2026-03-01T10:31:00Z'), '2026-03-01T10:50:00.000Z');
});

test('a time is always after the one it is asked for', () => {
  assert.equal(next('0 * * * *', '2026-03-01T10:00:00Z'), '2026-03-01T11:00:00.000Z');
  assert.equal(next('0 * * * *', '2026-03-01T09:59:59.999Z'), '2026-03-01T10:00:00.000Z');
});

test('a day of the month and a weekday together mean either of them', () => {
  assert.equal(next('0 0 13 * 5', '2026-03-01T00:00:00Z'), '2026-03-06T00:00:00.000Z');
  assert.equal(next('0 0 13 * 5', '2026-04-11T00:00:00Z'), '2026-04-13T00:00:00.000Z');
});

test('shorthands and intervals are understood', () => {
  assert.equal(next('@hourly', '2026-03-01T10:07:00Z'), '2026-03-01T11:00:00.000Z');
  assert.equal(next('@weekly', '2026-03-02T00:00:00Z'), '2026-03-08T00:00:00.000Z');
  assert.equal(next('@yearly', '2026-03-02T00:00:00Z'), '2027-01-01T00:00:00.000Z');
  assert.equal(next('@every 1h30m', '2026-03-01T10:07:00.250Z'), '2026-03-01T11:37:00.000Z');
  assert.equal(next('@every 10ms', '2026-03-01T10:07:00Z'), '2026-03-01T10:07:01.000Z');
});

test('a time zone moves the clock, a skipped hour has no times, a repeated one has them twice', () => {
  assert.equal(next('TZ=America/New_York 0 9 * * *', '2026-07-01T14:00:00Z'), '2026-07-02T13:00:00.000Z');
  assert.equal(next('CRON_TZ=Europe/Berlin 30 2 * * *', '2026-03-28T12:00:00Z'), '2026-03-30T00:30:00.000Z');
  assert.equal(next('TZ=America/New_York 30 1 * * *', '2026-11-01T05:30:00Z'), '2026-11-01T06:30:00.000Z');
});

test('what is no schedule is refused, and one that never comes has no next time', () => {
  for (const bad of ['', '* * * *', '* * * * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'x * * * *']) {
    assert.equal(parseCron(bad), undefined, bad);
  }
  for (const bad of ['@every', '@every soon', '@sometimes', 'TZ=Nowhere/City 0 0 * * *']) {
    assert.equal(parseCron(bad), undefined, bad);
  }
  assert.equal(next('0 0 30 2 *', '2026-03-01T00:00:00Z'), undefined);
});

test('the wait for the next run is in whole seconds and skips what has passed meanwhile', () => {
  const executionTimeMs = at('2026-03-01T10:00:00Z');
  const wait = (schedule: string, now: string): number | undefined =>
    cronBackoffMs(schedule, { executionTimeMs, nowMs: at(now) });
  assert.equal(wait('@every 3s', '2026-03-01T10:00:00Z'), 3_000);
  assert.equal(wait('@every 10s', '2026-03-01T10:00:25.300Z'), 5_000);
  assert.equal(wait('@every 10s', '2026-03-01T10:00:20Z'), 0);
  assert.equal(wait('0 * * * *', '2026-03-01T13:59:58.500Z'), 2_000);
  assert.equal(wait('0 * * * *', '2026-03-01T09:59:50Z'), 10_000);
});

test('a name that every object has is no shorthand of a schedule', () => {
  for (const name of ['constructor', '__proto__', 'toString']) assert.equal(parseCron(name), undefined);
});
