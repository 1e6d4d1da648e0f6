import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import type { Bus, BusHandler } from '../bus.ts';
import { MemoryBus } from './memory-bus.ts';
import type { MemoryBusFaults } from './memory-bus-faults.ts';
import { MemoryNetwork } from './memory-network.ts';

const payload = Uint8Array.of(1, 2, 3);

function world(faults?: MemoryBusFaults) {
  const clock = new VirtualClock(0);
  const network = new MemoryNetwork({ clock, faults });
  const client = new MemoryBus({ clock, network });
  const server = new MemoryBus({ clock, network });
  let executed = 0;
  const handler: BusHandler = (request) => {
    executed += 1;
    return Promise.resolve(request);
  };
  server.serve('echo.v1.*.1', handler);
  return { clock, client, server, executed: () => executed };
}

const ask = (bus: Bus): Promise<Uint8Array> => bus.request('echo.v1.m.1', payload, { timeoutMs: 1_000 });

test('a dropped request is not executed and times out', async () => {
  const { clock, client, executed } = world({ dropRequest: () => true });
  await clock.runUntil(assert.rejects(ask(client), { code: 'timeout' }));
  assert.equal(executed(), 0);
  assert.equal(clock.now(), 1_000);
});

test('a request whose answer is dropped is executed and times out', async () => {
  const { clock, client, executed } = world({ dropReply: () => true });
  await clock.runUntil(assert.rejects(ask(client), { code: 'timeout' }));
  assert.equal(executed(), 1);
});

test('a duplicated request is executed twice and answered once', async () => {
  const { clock, client, executed } = world({ duplicateRequest: () => true });
  assert.deepEqual(await ask(client), payload);
  await clock.settle();
  assert.equal(executed(), 2);
});

test('delays are those of the way there and of the way back', async () => {
  const { clock, client, executed } = world({ requestDelayMs: () => 300, replyDelayMs: () => 50 });
  const asked = ask(client);
  await clock.advance(299);
  assert.equal(executed(), 0);
  await clock.advance(1);
  assert.equal(executed(), 1);
  await clock.runUntil(asked);
  assert.equal(clock.now(), 350);
});

test('faults strike only the subjects they are asked for', async () => {
  const { client, server } = world({ dropRequest: (subject) => subject.startsWith('lost.') });
  server.serve('lost.v1.*.1', (request) => Promise.resolve(request));
  assert.deepEqual(await ask(client), payload);
});

test('a bus that crashes answers nothing any more: what it ran times out, what comes later finds nobody', async () => {
  const { clock, client, server } = world();
  let finish = (_: Uint8Array): void => {};
  server.serve('slow.v1.*.1', () => new Promise((resolve) => (finish = resolve)));
  const asked = assert.rejects(client.request('slow.v1.m.1', payload, { timeoutMs: 1_000 }), { code: 'timeout' });
  await clock.settle();
  server.crash();
  finish(payload);
  await assert.rejects(ask(client), { code: 'noResponders' });
  await clock.runUntil(asked);
  assert.equal(clock.now(), 1_000);
});

test('a bus that crashes hears no answers and leaves no timer behind', async () => {
  const { clock, client } = world({ replyDelayMs: () => 100 });
  let outcome = 'none';
  ask(client).then(
    () => (outcome = 'answered'),
    () => (outcome = 'failed'),
  );
  await clock.settle();
  client.crash();
  await clock.advance(5_000);
  assert.equal(outcome, 'none');
  assert.equal(clock.pendingTimers, 0);
});

test('a closing bus does not wait for ever for a handler that does not end', async () => {
  const { clock, client, server } = world();
  server.serve('stuck.v1.*.1', () => new Promise(() => {}));
  const asked = assert.rejects(client.request('stuck.v1.m.1', payload, { timeoutMs: 60_000 }), { code: 'timeout' });
  await clock.settle();
  await clock.runUntil(server.close());
  assert.equal(clock.now(), 5_000);
  await clock.runUntil(asked);
});

test('a bus that is alone carries messages as they are, and answers, refusals and lost ownership with them', async () => {
  const clock = new VirtualClock();
  const bus = new MemoryBus({ clock });
  const message = { any: 'object' };
  bus.serve('a.v1.*.1', () => Promise.reject(new Error('bytes were not sent')), {
    onObject: (received) => Promise.resolve({ same: received === message }),
  });
  const request = bus.objects?.request('a.v1.x.1', message, { timeoutMs: 1_000 }) ?? never();
  const reply = await clock.runUntil(request);
  assert.deepEqual(reply.message, { same: true });
});

test('a bus with company or faults carries bytes only, as a broker would', () => {
  const clock = new VirtualClock();
  assert.equal(new MemoryBus({ clock, faults: {} }).objects, undefined);
  assert.equal(new MemoryBus({ clock, network: new MemoryNetwork({ clock }) }).objects, undefined);
});

const never = (): Promise<never> => Promise.reject(new Error('the bus has no lane for objects'));
