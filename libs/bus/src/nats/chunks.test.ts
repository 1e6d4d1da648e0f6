import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncomingChunks, OutgoingChunks } from './chunks.ts';

const payloadOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i % 251);

test('chunks put together are the payload', () => {
  for (const size of [1, 1023, 1024, 1025, 10_240, 10_300]) {
    const payload = payloadOf(size);
    const incoming = new IncomingChunks(size);
    const queue: (() => void)[] = [];
    const outgoing = new OutgoingChunks(payload, 1024, (index, data) => {
      queue.push(() => {
        assert.ok(incoming.add(index, data));
        outgoing.acknowledged(incoming.count);
      });
    });
    outgoing.start();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
    assert.ok(outgoing.isDone && incoming.isComplete);
    assert.deepEqual([...incoming.payload()], [...payload]);
  }
});

test('the first chunk goes alone, then a bounded number before the next acknowledgement', () => {
  const sent: number[] = [];
  const outgoing = new OutgoingChunks(payloadOf(200), 10, (index) => sent.push(index));
  outgoing.start();
  outgoing.start();
  assert.deepEqual(sent, [0]);
  outgoing.acknowledged(1);
  assert.deepEqual(sent, [0, 1, 2, 3, 4]);
  outgoing.acknowledged(1);
  assert.equal(sent.length, 5, 'an acknowledgement told twice moves nothing');
  outgoing.acknowledged(900);
  assert.equal(sent.length, 5, 'nor does one of what was never sent');
  outgoing.acknowledged(3);
  assert.deepEqual(sent.slice(5), [5, 6]);
});

test('a chunk out of order, twice, too much, or a crumb is refused', () => {
  const incoming = new IncomingChunks(2_500);
  const chunk = payloadOf(1_250);
  assert.ok(!incoming.add(1, chunk));
  assert.ok(incoming.add(0, chunk));
  assert.ok(!incoming.add(0, chunk));
  assert.ok(!incoming.add(1, payloadOf(1_251)));
  for (const crumb of [0, 1, 1_023]) assert.ok(!incoming.add(1, payloadOf(crumb)));
  assert.ok(incoming.add(1, chunk));
  assert.ok(incoming.isComplete);
  assert.ok(!incoming.add(2, payloadOf(1)));
});
