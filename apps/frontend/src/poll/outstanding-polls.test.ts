import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { seededRandom } from '@duramesh/runtime';
import { OutstandingPolls } from './outstanding-polls.ts';

const queue = { namespaceId: 'ns', name: 'queue', type: 1, kind: 1, partition: 0, normalName: '' };
const sticky = { ...queue, name: 'mine', kind: 2, normalName: 'queue' };
const { signal: stopping } = new AbortController();
const ignore = (): void => undefined;
const polls = (read: number, perNamespace = 100): OutstandingPolls =>
  new OutstandingPolls({ partitionsOf: () => ({ write: 1, read }), perNamespace, random: seededRandom(1), stopping });

test('as many polls as there are partitions leave none out, and those that end make room', () => {
  const outstanding = polls(4);
  const admitted = Array.from({ length: 8 }, () => outstanding.admit(queue, ignore));
  const counts = (): number[] => [0, 1, 2, 3].map((at) => admitted.filter((it) => it.queue.partition === at).length);
  assert.deepEqual(counts(), [2, 2, 2, 2]);
  for (const poll of admitted.filter((it) => it.queue.partition === 2)) poll.end();
  assert.deepEqual(
    [outstanding.admit(queue, ignore), outstanding.admit(queue, ignore)].map((it) => it.queue.partition),
    [2, 2],
  );
});

test('the first poll may go to any partition', () => {
  const outstanding = polls(4);
  const seen = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const poll = outstanding.admit(queue, ignore);
    seen.add(poll.queue.partition);
    poll.end();
  }
  assert.equal(seen.size, 4);
});

test('a sticky queue is polled as it is', () => {
  assert.deepEqual(polls(4).admit(sticky, ignore).queue, sticky);
});

test('one namespace may have only so many polls for one kind of task', () => {
  const outstanding = polls(1, 2);
  const [first] = [outstanding.admit(queue, ignore), outstanding.admit(sticky, ignore)];
  assert.throws(() => outstanding.admit(queue, ignore), {
    code: GrpcCode.RESOURCE_EXHAUSTED,
    message: 'namespace concurrent poller limit exceeded',
  });
  outstanding.admit({ ...queue, type: 2 }, ignore);
  outstanding.admit({ ...queue, namespaceId: 'another' }, ignore);
  first.end();
  outstanding.admit(queue, ignore);
});

test('polls that are under way when the frontend stops are told, those that are over are not', () => {
  const stopped: string[] = [];
  const own = new AbortController();
  const outstanding = new OutstandingPolls({
    partitionsOf: () => ({ write: 1, read: 1 }),
    perNamespace: 10,
    random: seededRandom(1),
    stopping: own.signal,
  });
  const over = outstanding.admit(queue, () => stopped.push('over'));
  outstanding.admit(queue, () => stopped.push('under way'));
  over.end();
  own.abort();
  assert.deepEqual(stopped, ['under way']);
});
