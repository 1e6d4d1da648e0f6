import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallContext, GrpcCode, ServiceError, unavailable } from '@duramesh/contracts';
import { seededRandom } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import type { BusHandler } from './bus.ts';
import { createClient } from './client.ts';
import { MemoryBus } from './memory/memory-bus.ts';
import type { MemoryBusFaults } from './memory/memory-bus-faults.ts';
import { NotOwnerError, serve } from './serve.ts';
import { echoContract } from './testing/echo-contract.ts';
import { ErrorLog } from './testing/error-log.ts';

type Answer = (text: string, context: CallContext) => Promise<string>;

function world(faults?: MemoryBusFaults) {
  const clock = new VirtualClock(0);
  const bus = new MemoryBus({ clock, faults: faults ?? {} });
  const options = { partitions: 1, clock, random: seededRandom(7), caller: 'frontend-1' };
  const log = new ErrorLog();
  const answering = (answer: Answer) => {
    const handlers = { readText: answer, changeText: answer, waitForText: answer };
    return serve(bus, echoContract, { partition: 0, handlers, logger: log });
  };
  return { clock, bus, log, answering, client: createClient(bus, echoContract, options) };
}

const hasCode = (code: GrpcCode, message?: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.code, code);
  if (message !== undefined) assert.equal(error.message, message);
  return true;
};

/** Serves the bus directly and counts what arrives. */
function counting(bus: MemoryBus, answer: BusHandler) {
  const seen: string[] = [];
  bus.serve('echo.v1.*.0', (payload, context) => {
    seen.push(context.subject);
    return answer(payload, context);
  });
  return seen;
}

const never = (): Promise<never> => new Promise(() => {});

test('a call reaches the handler of its method with partition, caller and trace, and brings its answer back', async () => {
  const { client, answering } = world();
  answering((text, { partition, caller, traceparent }) =>
    Promise.resolve(`${text} ${partition} ${caller} ${traceparent}`),
  );
  const answer = await client.readText('hello', { traceparent: '00-aa-bb-01' });
  assert.equal(answer, 'hello 0 frontend-1 00-aa-bb-01');
});

test('a service error is rebuilt with code, message and details', async () => {
  const { client, answering } = world();
  const details = [{ type_url: 'type.googleapis.com/x', value: Uint8Array.of(1, 2) }];
  answering(() => Promise.reject(new ServiceError(GrpcCode.NOT_FOUND, 'no such text', details)));
  const error: unknown = await client.readText('x').catch((cause: unknown) => cause);
  assert.ok(error instanceof ServiceError);
  assert.equal(error.code, GrpcCode.NOT_FOUND);
  assert.equal(error.message, 'no such text');
  assert.equal(error.details[0]?.type_url, 'type.googleapis.com/x');
  assert.deepEqual([...(error.details[0]?.value ?? [])], [1, 2]);
});

test('an error the owner answers is not retried, not even UNAVAILABLE', async () => {
  const { client, answering } = world();
  let calls = 0;
  answering(() => {
    calls += 1;
    return Promise.reject(unavailable('later'));
  });
  await assert.rejects(client.readText('x'), hasCode(GrpcCode.UNAVAILABLE, 'later'));
  assert.equal(calls, 1);
});

test('a call waits for an owner that appears within its deadline, whatever its retry rule', async () => {
  for (const method of ['readText', 'changeText'] as const) {
    const { clock, client, answering } = world();
    const call = client[method]('hello');
    await clock.advance(3_000);
    answering((text) => Promise.resolve(text));
    assert.equal(await clock.runUntil(call), 'hello');
    assert.ok(clock.now() <= 3_500 + 10);
  }
});

test('a call nobody serves fails UNAVAILABLE at its deadline', async () => {
  const { clock, client } = world();
  const rejected = assert.rejects(
    client.changeText('x', { timeoutMs: 1_000 }),
    hasCode(GrpcCode.UNAVAILABLE, 'shard unavailable, please backoff and retry'),
  );
  await clock.runUntil(rejected);
  assert.ok(clock.now() >= 500 && clock.now() <= 1_000, `${clock.now()}`);
});

test('a call answered by a process that is no longer the owner goes on looking for the owner', async () => {
  const { clock, client, answering } = world();
  let isOwner = false;
  let calls = 0;
  answering((text) => {
    calls += 1;
    return isOwner ? Promise.resolve(text) : Promise.reject(new NotOwnerError());
  });
  const call = client.changeText('hello');
  await clock.advance(1_000);
  isOwner = true;
  assert.equal(await clock.runUntil(call), 'hello');
  assert.ok(calls > 2);
});

test('a safe call whose request or answer is lost is sent again inside its deadline', async () => {
  for (const fault of ['dropRequest', 'dropReply'] as const) {
    let lost = 0;
    const { clock, client, answering } = world({ [fault]: () => lost++ === 0 });
    answering((text) => Promise.resolve(text));
    assert.equal(await clock.runUntil(client.readText('hello')), 'hello');
    assert.ok(clock.now() >= 2_000 && clock.now() <= 2_100, `${clock.now()}`);
  }
});

test('a call that is not safe is sent once when its answer is lost, and fails DEADLINE_EXCEEDED', async () => {
  const { clock, client, bus } = world({ dropReply: () => true });
  const seen = counting(bus, (payload) => Promise.resolve(payload));
  await clock.runUntil(assert.rejects(client.changeText('x'), hasCode(GrpcCode.DEADLINE_EXCEEDED)));
  assert.equal(seen.length, 1);
  assert.ok(clock.now() >= 10_000 && clock.now() <= 10_010);
});

test('a safe call is tried with growing patience and fails DEADLINE_EXCEEDED', async () => {
  const { clock, client, bus } = world();
  const seen = counting(bus, never);
  await clock.runUntil(assert.rejects(client.readText('x'), hasCode(GrpcCode.DEADLINE_EXCEEDED)));
  assert.equal(seen.length, 3, 'after 0, 2 and 6 seconds');
  assert.ok(clock.now() <= 10_010);
});

test('one try of a method that waits is not cut short', async () => {
  const { clock, client, bus } = world();
  const seen = counting(bus, never);
  await clock.runUntil(assert.rejects(client.waitForText('x'), hasCode(GrpcCode.DEADLINE_EXCEEDED)));
  assert.equal(seen.length, 1);
  assert.ok(clock.now() >= 30_000);
});

test('an overloaded owner is tried again', async () => {
  const { clock, client, bus } = world();
  let finish = (): void => {};
  const handler: BusHandler = (payload) =>
    new Promise((resolve) => {
      finish = () => resolve(Uint8Array.of(0, ...payload));
    });
  bus.serve('echo.v1.*.0', handler, { inboxLimit: 1 });
  const first = client.changeText('first');
  const second = client.changeText('second');
  await clock.advance(500);
  finish();
  assert.equal(await clock.runUntil(first), 'first');
  await clock.advance(1_000);
  finish();
  assert.equal(await clock.runUntil(second), 'second');
});

test('an owner that stays overloaded is RESOURCE_EXHAUSTED', async () => {
  const { clock, client, bus } = world();
  bus.serve('echo.v1.*.0', never, { inboxLimit: 1 });
  const first = assert.rejects(client.changeText('first'), hasCode(GrpcCode.DEADLINE_EXCEEDED));
  const second = assert.rejects(client.changeText('second'), hasCode(GrpcCode.RESOURCE_EXHAUSTED));
  await clock.runUntil(Promise.all([first, second]));
  assert.ok(bus.status().overloadedRequests > 1);
});

test('an aborted call is CANCELLED, whether it waits for an answer or between two tries', async () => {
  const reason = new Error('enough');
  for (const isServed of [true, false]) {
    const { clock, client, bus } = world();
    if (isServed) counting(bus, never);
    const abort = new AbortController();
    const rejected = assert.rejects(client.readText('x', { signal: abort.signal }), hasCode(GrpcCode.CANCELLED));
    await clock.advance(700);
    abort.abort(reason);
    await rejected;
    assert.equal(clock.now(), 700);
    await assert.rejects(client.readText('x', { signal: abort.signal }), hasCode(GrpcCode.CANCELLED));
  }
});

test('calls on a closed bus are UNAVAILABLE', async () => {
  const { client, bus } = world();
  await bus.close();
  await assert.rejects(client.readText('x'), hasCode(GrpcCode.UNAVAILABLE));
});

test('an answer that is no answer is INTERNAL', async () => {
  for (const garbage of [new Uint8Array(), Uint8Array.of(9, 9, 9)]) {
    const { client, bus } = world();
    bus.serve('echo.v1.*.0', () => Promise.resolve(garbage));
    await assert.rejects(client.readText('x'), hasCode(GrpcCode.INTERNAL));
  }
});

test('a handler below the calls that throws is INTERNAL with the masked text', async () => {
  const { client, bus } = world();
  bus.serve('echo.v1.*.0', () => Promise.reject(new Error('secret')));
  await assert.rejects(client.readText('x'), hasCode(GrpcCode.INTERNAL, 'something went wrong, please retry'));
});

test('nothing is left behind by calls that are over', async () => {
  const { clock, client, answering } = world();
  answering((text) => Promise.resolve(text));
  for (let i = 0; i < 100; i++) await client.readText(`${i}`);
  assert.ok(clock.pendingTimers <= 1);
  await clock.advance(20_000);
  assert.equal(clock.pendingTimers, 0);
});
