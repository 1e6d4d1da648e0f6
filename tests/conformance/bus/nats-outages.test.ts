import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BusFault } from '@duramesh/bus';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { freePortBlock } from '../../support/free-ports.ts';
import { bytes, echo, never, reachable, text } from './bus-suite.ts';
import { AT_ONCE_MS, connected, down, type NatsPair, openNatsBus, openNatsPair } from './nats-pair.ts';
import { serveText, textClient } from './text-contract.ts';

interface World extends NatsPair {
  readonly broker: NatsServer;
}

function withBroker(name: string, run: (world: World) => Promise<void>): void {
  void test(name, { timeout: 60_000 }, async () => {
    const broker = await startNatsServer();
    const pair = await openNatsPair([broker.url]);
    try {
      await run({ ...pair, broker });
    } finally {
      await pair.close();
      await broker.stop();
    }
  });
}

const patient = { timeoutMs: 20_000 };
const faultOf = (asked: Promise<unknown>): Promise<BusFault> =>
  asked.then(
    () => assert.fail('answered'),
    (error: unknown) => error as BusFault,
  );
withBroker('requests in flight fail at once with disconnected when the broker is killed', async (world) => {
  const { client, server, broker } = world;
  server.serve('slow.v1.*.1', never);
  await reachable(world);
  const large = new Uint8Array(1024 * 1024);
  const asked = [
    ...Array.from({ length: 10 }, () => faultOf(client.request('slow.v1.m.1', bytes('x'), patient))),
    faultOf(client.request('slow.v1.m.1', large, patient)),
    faultOf(client.request('slow.v1.m.1', bytes('x'), { ...patient, isLongPoll: true })),
  ];
  await until(() => server.status().runningRequests === 12, { what: 'all run', withinMs: 5_000 });
  const killedAt = performance.now();
  await broker.kill('SIGKILL');
  for (const fault of await Promise.all(asked)) assert.equal(fault.code, 'disconnected');
  assert.ok(performance.now() - killedAt < AT_ONCE_MS);
  assert.equal(client.status().pendingRequests, 0);
});

withBroker(
  'requests while the broker is down fail at once with notConnected, other than to handlers of this process',
  async (world) => {
    const { client, server, broker } = world;
    server.serve('echo.v1.*.1', echo);
    await broker.kill('SIGKILL');
    await down(client);
    const startedAt = performance.now();
    for (const isLongPoll of [false, true]) {
      const fault = await faultOf(client.request('echo.v1.m.1', bytes('x'), { ...patient, isLongPoll }));
      assert.equal(fault.code, 'notConnected');
      assert.ok(fault.notExecuted);
    }
    assert.ok(performance.now() - startedAt < AT_ONCE_MS);
    assert.equal(text(await server.request('echo.v1.m.1', bytes('own'), patient)), 'own');
  },
);

withBroker('subscriptions survive the broker, and those made or ended meanwhile count', async (world) => {
  const { client, server, broker } = world;
  server.serve('before.v1.*.1', echo);
  const ended = server.serve('ended.v1.*.1', echo);
  await reachable(world);
  await broker.kill('SIGKILL');
  await Promise.all([down(client), down(server)]);
  server.serve('during.v1.*.1', echo);
  await ended.close();
  await broker.restart();
  const backAt = performance.now();
  await Promise.all([connected(client), connected(server)]);
  await reachable(world);
  assert.ok(performance.now() - backAt < 5_000, 'within seconds of its return');
  for (const subject of ['before.v1.m.1', 'during.v1.m.1']) {
    assert.equal(text(await client.request(subject, bytes('back'), patient)), 'back');
  }
  assert.equal((await faultOf(client.request('ended.v1.m.1', bytes(''), patient))).code, 'noResponders');
  assert.ok(client.status().connections.every(({ reconnects, isUp }) => reconnects === 1 && isUp));
});

withBroker('safe calls ride out the loss of the broker within their deadline', async (world) => {
  const { client, server, broker } = world;
  let executed = 0;
  const answer = (request: string): Promise<string> => {
    executed += 1;
    return Promise.resolve(request);
  };
  serveText(server, answer);
  await reachable(world);
  const calls = textClient(client);
  let isOver = false;
  let answered = 0;
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let i = 0; !isOver; i++) {
      assert.equal(await calls.readText(`${worker} ${i}`), `${worker} ${i}`);
      answered += 1;
    }
  });
  for (let round = 0; round < 3; round++) {
    const target = answered + 200;
    await until(() => answered > target, { what: 'calls are answered', withinMs: 15_000 });
    await broker.kill('SIGKILL');
    await broker.restart();
  }
  const target = answered + 200;
  await until(() => answered > target, { what: 'calls are answered', withinMs: 15_000 });
  isOver = true;
  await Promise.all(load);
  assert.ok(executed >= answered);
});

void test('a bus made before its broker connects when the broker comes', { timeout: 30_000 }, async () => {
  const port = await freePortBlock([0]);
  const bus = openNatsBus([`nats://127.0.0.1:${port}`]);
  const early = bus.serve('echo.v1.*.1', echo);
  assert.equal((await faultOf(bus.request('other.v1.m.1', bytes(''), patient))).code, 'notConnected');
  const broker = await startNatsServer({ port });
  await connected(bus);
  const other = openNatsBus([broker.url]);
  await connected(other);
  await reachable({ client: other, server: bus });
  assert.equal(text(await other.request('echo.v1.m.1', bytes('hi'), patient)), 'hi');
  await early.close();
  await Promise.all([bus.close(), other.close()]);
  await broker.stop();
});

void test('buses close at once when their broker has just been killed', { timeout: 30_000 }, async (t) => {
  for (let i = 0; i < 3; i++) {
    const broker = await startNatsServer();
    t.after(() => broker.stop());
    const pair = await openNatsPair([broker.url]);
    await broker.kill('SIGKILL');
    const startedAt = performance.now();
    await pair.close();
    assert.ok(performance.now() - startedAt < AT_ONCE_MS);
  }
});

void test('a bus without a broker closes at once', { timeout: 10_000 }, async () => {
  const bus = openNatsBus([`nats://127.0.0.1:${await freePortBlock([0])}`]);
  await until(() => bus.status().connections.every(({ fault }) => fault !== ''), { what: 'it tries', withinMs: 5_000 });
  const startedAt = performance.now();
  await bus.close();
  assert.ok(performance.now() - startedAt < AT_ONCE_MS);
});
