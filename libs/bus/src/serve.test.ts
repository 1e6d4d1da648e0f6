import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterOf, GrpcCode, type ServiceError } from '@duramesh/contracts';
import { VirtualClock } from '@duramesh/testkit';
import { MemoryBus } from './memory/memory-bus.ts';
import { decodeErrorReply, ReplyKind } from './reply.ts';
import { NotOwnerError, serve } from './serve.ts';
import { echoContract } from './testing/echo-contract.ts';
import { ErrorLog } from './testing/error-log.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const echo = (text: string): Promise<string> => Promise.resolve(text);
const echoes = { readText: echo, changeText: echo, waitForText: echo };

function world(handlers: Partial<typeof echoes> = {}) {
  const clock = new VirtualClock(0);
  const bus = new MemoryBus({ clock });
  const logger = new ErrorLog();
  const subscription = serve(bus, echoContract, { partition: 3, handlers: { ...echoes, ...handlers }, logger });
  const ask = (method: string, payload: Uint8Array = bytes('x')) =>
    bus.request(`echo.v1.${method}.3`, payload, { timeoutMs: 1_000 });
  const error = async (method: string, payload?: Uint8Array): Promise<ServiceError> => {
    const reply = await ask(method, payload);
    assert.equal(reply[0], ReplyKind.ERROR);
    return decodeErrorReply(reply);
  };
  return { clock, bus, logger, subscription, ask, error };
}

test('each method is dispatched by its token', async () => {
  const { ask } = world({ changeText: (text) => Promise.resolve(`changed ${text}`) });
  assert.deepEqual([...(await ask('read-text'))], [ReplyKind.OK, ...bytes('x')]);
  assert.deepEqual([...(await ask('change-text'))], [ReplyKind.OK, ...bytes('changed x')]);
});

test('one subscription answers one partition only', async () => {
  const { bus } = world();
  assert.equal(filterOf(echoContract, 3), 'echo.v1.*.3');
  await assert.rejects(bus.request('echo.v1.read-text.4', bytes('x'), { timeoutMs: 100 }), { code: 'noResponders' });
});

test('an unknown method is UNIMPLEMENTED', async () => {
  const { error, logger } = world();
  assert.equal((await error('toString')).code, GrpcCode.UNIMPLEMENTED);
  assert.equal((await error('read-texts')).code, GrpcCode.UNIMPLEMENTED);
  assert.deepEqual(logger.errors, []);
});

test('a request that cannot be decoded is INVALID_ARGUMENT and reaches no handler', async () => {
  const { error } = world({ readText: () => assert.fail('reached') });
  assert.equal((await error('read-text', Uint8Array.of(0xff, 0xfe))).code, GrpcCode.INVALID_ARGUMENT);
});

test('an error nobody expected is logged once and masked', async () => {
  const { error, logger } = world({ readText: () => Promise.reject(new TypeError('secret')) });
  const { code, message } = await error('read-text');
  assert.equal(code, GrpcCode.INTERNAL);
  assert.equal(message, 'something went wrong, please retry');
  assert.equal(logger.errors.length, 1);
});

test('a handler that throws at once is answered like one that rejects', async () => {
  const { error } = world({
    readText: () => {
      throw new TypeError('secret');
    },
  });
  assert.equal((await error('read-text')).code, GrpcCode.INTERNAL);
});

test('a handler that lost its partition answers so, and nothing is logged', async () => {
  const { ask, logger } = world({ readText: () => Promise.reject(new NotOwnerError()) });
  assert.deepEqual([...(await ask('read-text'))], [ReplyKind.NOT_OWNER]);
  assert.deepEqual(logger.errors, []);
});

test('a closed subscription answers what runs and takes nothing new', async () => {
  let finish = (_: string): void => {};
  const { ask, subscription, clock } = world({ readText: () => new Promise((resolve) => (finish = resolve)) });
  const running = ask('read-text');
  await clock.settle();
  let isClosed = false;
  const closed = subscription.close().then(() => (isClosed = true));
  await assert.rejects(ask('read-text'), { code: 'noResponders' });
  await clock.settle();
  assert.equal(isClosed, false);
  finish('done');
  assert.deepEqual([...(await running)], [ReplyKind.OK, ...bytes('done')]);
  await closed;
});
