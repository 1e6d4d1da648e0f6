import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Effect, Final, FinalRun, Finding, Kind, Operation } from '../record/operation.ts';
import { check } from './check.ts';

const ID = 'w';

interface Asked extends Partial<Pick<Operation, 'value' | 'outcome' | 'refusal'>> {
  readonly kind: Kind;
  /** When it was asked for, and when it returned. */
  readonly at: readonly [number, number];
  readonly answer?: Answer;
}

const operation = (
  { at: [invokedMs, returnedMs], value = '', outcome = 'ok', ...rest }: Asked,
  id: number,
): Operation => ({
  id,
  workflowId: ID,
  value,
  invokedMs,
  returnedMs,
  outcome,
  retries: 0,
  ...rest,
});

const run = (runId: string, log: readonly string[], more: Partial<FinalRun> = {}): FinalRun => ({
  runId,
  status: 'RUNNING',
  log,
  cancelled: false,
  updates: {},
  completed: {},
  timedOut: [],
  broken: [],
  ...more,
});

/** What is found in a history of one workflow id. */
const found = (
  asked: readonly Asked[],
  runs: readonly FinalRun[],
  effects: readonly Effect[] = [],
): readonly Finding[] => {
  const final: Final = new Map([[ID, runs]]);
  return check({ operations: asked.map(operation), effects }, final);
};

const whats = (findings: readonly Finding[]): readonly string[] => [...new Set(findings.map(({ what }) => what))];

const started: Asked = { kind: 'start', at: [0, 1], answer: { runId: 'a' } };
const signal = (value: string, at: readonly [number, number], more: Partial<Asked> = {}): Asked => ({
  kind: 'signal',
  value,
  at,
  ...more,
});
const update = (value: string, at: readonly [number, number], log: readonly string[]): Asked => ({
  kind: 'update',
  value,
  at,
  answer: { runId: 'a', log, cancelled: false },
});
const query = (at: readonly [number, number], log: readonly string[], cancelled = false): Asked => ({
  kind: 'query',
  at,
  answer: { runId: 'a', log, cancelled },
});

test('a history in which one thing comes after the other has nothing to be found', () => {
  const asked: Asked[] = [
    started,
    signal('x', [2, 3]),
    update('y', [4, 5], ['x', 'y']),
    query([6, 7], ['x', 'y']),
    { kind: 'cancel', at: [8, 9] },
    query([10, 11], ['x', 'y'], true),
    { kind: 'describe', at: [12, 13], answer: { runId: 'a', status: 'RUNNING' } },
    { kind: 'finish', at: [14, 15], answer: { runId: 'a', log: ['x', 'y'], cancelled: true } },
    { kind: 'list', at: [16, 17], answer: { runs: [{ runId: 'a', status: 'COMPLETED' }] } },
    { kind: 'result', at: [18, 19], answer: { runId: 'a', status: 'COMPLETED', log: ['x', 'y'] } },
    signal('z', [20, 21], { outcome: 'fail', refusal: 'not found' }),
    { kind: 'signal-with-start', value: 'w', at: [22, 23], answer: { runId: 'b' } },
    { kind: 'terminate', at: [24, 25] },
  ];
  const runs = [
    run('a', ['x', 'y'], { status: 'COMPLETED', cancelled: true, updates: { y: 2 } }),
    run('b', ['w'], { status: 'TERMINATED' }),
  ];
  assert.deepEqual(found(asked, runs), []);
});

test('operations at the same time may take effect in any order, and all answers must agree on one', () => {
  const both = [started, signal('x', [2, 9]), signal('y', [2, 9])];
  const runs = [run('a', ['y', 'x'])];
  assert.deepEqual(found([...both, query([3, 4], ['y'])], runs), []);
  assert.deepEqual(whats(found([...both, query([3, 4], ['x'])], runs)), ['no order']);
});

test('what nobody has seen may have happened, also later, or not', () => {
  const lost = signal('x', [2, 3], { outcome: 'unknown' });
  assert.deepEqual(found([started, lost, query([4, 5], [])], [run('a', [])]), []);
  assert.deepEqual(found([started, lost, query([4, 5], []), query([8, 9], ['x'])], [run('a', ['x'])]), []);
  const { answer: _, ...startedUnseen } = started;
  assert.deepEqual(found([{ ...startedUnseen, outcome: 'unknown' }, query([4, 5], [])], [run('a', [])]), []);
});

test('a refusal that may speak of an earlier attempt of the same operation is believed either way', () => {
  const again: Asked = { kind: 'start', at: [2, 9], outcome: 'maybe', refusal: 'already started' };
  assert.deepEqual(found([again, query([10, 11], [])], [run('a', [])]), []);
});

test('a signal that was acknowledged and is gone is found', () => {
  assert.deepEqual(whats(found([started, signal('x', [2, 3])], [run('a', [])])), ['lost', 'no order']);
});

test('a signal that is there twice is found', () => {
  assert.ok(whats(found([started, signal('x', [2, 3])], [run('a', ['x', 'x'])])).includes('doubled'));
});

test('a signal that was refused, or that nobody sent, and is there is found', () => {
  const refused = signal('x', [2, 3], { outcome: 'fail', refusal: 'not found' });
  assert.ok(whats(found([started, refused], [run('a', ['x'])])).includes('from nowhere'));
  assert.ok(whats(found([started], [run('a', ['x'])])).includes('from nowhere'));
});

test('a read that misses what was acknowledged before it is found', () => {
  const findings = found([started, signal('x', [2, 3]), query([4, 5], [])], [run('a', ['x'])]);
  assert.deepEqual(whats(findings), ['stale read', 'no order']);
});

test('a describe and a list that miss an acknowledged end are found', () => {
  const ended: readonly Asked[] = [started, { kind: 'terminate', at: [2, 3] }];
  const runs = [run('a', [], { status: 'TERMINATED' })];
  const describe: Asked = { kind: 'describe', at: [4, 5], answer: { runId: 'a', status: 'RUNNING' } };
  const list: Asked = { kind: 'list', at: [4, 5], answer: { runs: [{ runId: 'a', status: 'RUNNING' }] } };
  assert.deepEqual(whats(found([...ended, describe], runs)), ['no order']);
  assert.deepEqual(whats(found([...ended, list], runs)), ['no order']);
});

test('an update whose result is not what its history says is found', () => {
  const asked = [started, update('x', [2, 3], ['x'])];
  assert.deepEqual(found(asked, [run('a', ['x'], { updates: { x: 1 } })]), []);
  assert.ok(whats(found(asked, [run('a', ['x'])])).includes('update result lost'));
  assert.ok(whats(found(asked, [run('a', ['x'], { updates: { x: 2 } })])).includes('update result lost'));
});

test('updates whose answers contradict each other are found', () => {
  const asked = [started, update('x', [2, 9], ['y', 'x']), update('y', [2, 9], ['x', 'y'])];
  const runs = [run('a', ['x', 'y'], { updates: { x: 2, y: 2 } })];
  assert.deepEqual(whats(found(asked, runs)), ['no order']);
});

test('an update that ends a run may be answered by the next one, when the answer of the first is lost', () => {
  const next: Asked = { kind: 'signal-with-start', value: 'x', at: [3, 4], answer: { runId: 'b' } };
  const finish: Asked = { kind: 'finish', at: [2, 6], answer: { runId: 'b', log: ['x'], cancelled: false } };
  const runs = [run('a', [], { status: 'COMPLETED' }), run('b', ['x'], { status: 'COMPLETED' })];
  assert.deepEqual(found([started, next, finish], runs), []);
  assert.deepEqual(whats(found([started, next, { ...finish, at: [5, 6] }], runs)), ['no order']);
});

test('a cancellation that was acknowledged and is gone is found', () => {
  assert.deepEqual(whats(found([started, { kind: 'cancel', at: [2, 3] }], [run('a', [])])), ['no order']);
});

test('two runs that are open under one id are found', () => {
  const second: Asked = { kind: 'signal-with-start', value: 'x', at: [2, 3], answer: { runId: 'b' } };
  const findings = found([started, second], [run('a', []), run('b', ['x'])]);
  assert.deepEqual(whats(findings), ['two runs open', 'no order']);
});

test('a start that is accepted although a run is open is found', () => {
  const second: Asked = { kind: 'start', at: [2, 3], answer: { runId: 'b' } };
  const closed: Asked = { kind: 'terminate', at: [4, 5] };
  const runs = [run('a', [], { status: 'TERMINATED' }), run('b', [])];
  assert.deepEqual(whats(found([started, second, closed], runs)), ['start accepted twice', 'no order']);
});

test('a start that is refused although no run is open is found', () => {
  const refused: Asked = { kind: 'start', at: [0, 1], outcome: 'fail', refusal: 'already started' };
  assert.deepEqual(whats(found([refused], [])), ['no order']);
});

test('a run that nobody started is found', () => {
  assert.deepEqual(whats(found([started], [run('a', [], { status: 'TERMINATED' }), run('b', [])])), ['no order']);
});

const effect = (attempt: number): Effect => ({
  workflowId: ID,
  runId: 'a',
  activityId: '1',
  attempt,
  value: 'x',
  begunMs: 3,
});

test('an attempt of an activity that begins twice is found, two attempts are not', () => {
  const asked = [started, update('x', [2, 5], ['x'])];
  const runs = [run('a', ['x'], { updates: { x: 1 }, completed: { 1: 1 } })];
  assert.deepEqual(found(asked, runs, [effect(1), effect(2)]), []);
  assert.deepEqual(whats(found(asked, runs, [effect(1), effect(1)])), ['effect doubled']);
});

test('an activity that completes twice, or without a worker, is found', () => {
  const asked = [started, update('x', [2, 5], ['x'])];
  const runs = (times: number): FinalRun[] => [run('a', ['x'], { updates: { x: 1 }, completed: { 1: times } })];
  assert.deepEqual(whats(found(asked, runs(2), [effect(1)])), ['effect doubled']);
  assert.deepEqual(whats(found(asked, runs(1))), ['effect from nowhere']);
});
