import assert from 'node:assert/strict';
import test from 'node:test';
import { childPartition, onePartition, partitionName, partitionsBy, writePartition } from './task-queue-partitions.ts';

const queue = { namespaceId: 'ns', name: 'queue', type: 1, kind: 1, partition: 0, normalName: '' };
const counts = (write: number, read = write) => ({ write, read });
const rule = (count: number, fields: { name?: string; type?: number; namespaceId?: string } = {}) => {
  const { name, type, namespaceId } = fields;
  return { name, type, namespaceId, counts: counts(count) };
};

test('the rule that says most about a queue decides, whatever its place', () => {
  const all = rule(4);
  const own = rule(2, { name: 'queue' });
  const activities = rule(8, { name: 'queue', type: 2 });
  const elsewhere = rule(16, { name: 'queue', namespaceId: 'other' });
  const partitionsOf = partitionsBy([activities, elsewhere, own, all]);
  assert.deepEqual(partitionsOf(queue), counts(2));
  assert.deepEqual(partitionsOf({ ...queue, type: 2 }), counts(8));
  assert.deepEqual(partitionsOf({ ...queue, name: 'another' }), counts(4));
  assert.deepEqual(partitionsOf({ ...queue, namespaceId: 'other' }), counts(16));
  assert.deepEqual(partitionsBy([own, rule(3, { name: 'queue' })])(queue), counts(3));
});

test('without a rule a queue has one partition', () => {
  assert.deepEqual(partitionsBy([])(queue), counts(1));
  assert.deepEqual(partitionsBy([rule(4, { name: 'another' })])(queue), counts(1));
});

test('a task goes to the same partition every time, and tasks are spread over all that are written to', () => {
  const partitionsOf = () => counts(4, 8);
  const partitions = Array.from({ length: 400 }, (_, i) => {
    const work = { runId: `run-${i}`, scheduledEventId: 5 };
    assert.equal(writePartition(queue, work, partitionsOf), writePartition(queue, work, partitionsOf));
    return writePartition(queue, work, partitionsOf);
  });
  for (const at of [0, 1, 2, 3]) assert.ok(partitions.filter((it) => it === at).length > 50);
  assert.equal(Math.max(...partitions), 3);
});

test('a sticky queue and a queue with one partition have their root only', () => {
  const work = { runId: 'r', scheduledEventId: 1 };
  assert.equal(
    writePartition({ ...queue, kind: 2 }, work, () => counts(4)),
    0,
  );
  assert.equal(writePartition(queue, work, onePartition), 0);
});

test('the name of a partition leads back to it', () => {
  assert.deepEqual(partitionName('a/b', 0), 'a/b');
  assert.deepEqual(childPartition(partitionName('a/b', 12)), { name: 'a/b', partition: 12 });
  for (const name of ['a', '/_sys/a', '/_sys/a/0', '/_sys/a/x', '/_sys//1'])
    assert.equal(childPartition(name), undefined);
});
