import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Clock } from '@duramesh/runtime';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { natsAccess, NatsBus } from '@duramesh/bus/nats';
import { ErrorLog } from '../../support/error-log.ts';
import { freePortBlock } from '../../support/free-ports.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { bytes, echo, never, reachable, text } from './bus-suite.ts';
import { connected, down, openNatsBus } from './nats-pair.ts';
import { serveText, silent, textClient } from './text-contract.ts';

const patient = { timeoutMs: 20_000 };
const within = { timeout: 60_000 };

async function brokerWith(t: TestContext, configuration: string): Promise<NatsServer & { readonly file: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'duramesh-nats-'));
  const file = path.join(folder, 'nats.conf');
  writeFileSync(file, configuration);
  const broker = await startNatsServer({ args: ['-c', file] });
  t.after(async () => {
    await broker.stop();
    await rm(folder, { recursive: true });
  });
  return Object.assign(broker, { file });
}

function bus(t: TestContext, url: string, logger = silent): NatsBus {
  const opened = openNatsBus([url], { logger });
  t.after(() => opened.close());
  return opened;
}

async function proxyTo(t: TestContext, broker: NatsServer): Promise<TcpProxy & { readonly url: string }> {
  const proxy = await startTcpProxy(broker.port);
  t.after(() => proxy.close());
  return Object.assign(proxy, { url: `nats://127.0.0.1:${proxy.port}` });
}

void test(
  'while one connection is away the other one carries its calls, and only a long loss is an outage',
  within,
  async (t) => {
    const broker = await brokerWith(t, '');
    const proxy = await proxyTo(t, broker);
    const [client, server] = [bus(t, proxy.url), bus(t, broker.url)];
    await Promise.all([connected(client), connected(server)]);
    server.serve('echo.v1.*.1', echo);
    await reachable({ client, server });
    proxy.judge((sent) => (sent.includes('"name":"test bulk"') ? 'lose' : 'pass'));
    proxy.cut();
    const isHalf = (): boolean => {
      const [control, bulk] = client.status().connections;
      return control?.isUp === true && bulk?.isUp === false && bulk.fault !== '';
    };
    await until(isHalf, { what: 'the control connection alone is back', withinMs: 5_000 });
    assert.equal(client.connected, true);
    for (const isLongPoll of [false, true]) {
      assert.equal(text(await client.request('echo.v1.m.1', bytes('here'), { ...patient, isLongPoll })), 'here');
    }
    const large = new Uint8Array(2 * 1024 * 1024).fill(1);
    assert.equal((await client.request('echo.v1.m.1', large, patient)).length, large.length);
    await until(() => !client.connected, { what: 'the loss is an outage', withinMs: 8_000 });
    proxy.judge(() => 'pass');
    await connected(client);
    assert.equal(client.connected, true);
  },
);

void test('who does not read is cut off by the broker, comes back, and serves again', within, async (t) => {
  const broker = await brokerWith(t, 'write_deadline: "500ms"\nmax_pending: 1MB\n');
  const proxy = await proxyTo(t, broker);
  const [client, server] = [bus(t, broker.url), bus(t, proxy.url)];
  await Promise.all([connected(client), connected(server)]);
  server.serve('echo.v1.*.1', echo);
  await reachable({ client, server });
  proxy.stopReading();
  const payload = new Uint8Array(400 * 1024);
  const asked = Array.from({ length: 60 }, () =>
    client.request('echo.v1.m.1', payload, { timeoutMs: 4_000 }).catch(() => undefined),
  );
  const slowConsumers = async (): Promise<boolean> => {
    const { slow_consumers: count } = (await (await fetch(`${broker.monitorUrl}/varz`)).json()) as {
      slow_consumers: number;
    };
    return count > 0;
  };
  await until(slowConsumers, { what: 'the broker calls it a slow consumer', withinMs: 10_000 });
  const isBack = (): boolean =>
    (server.status().connections[1]?.reconnects ?? 0) > 0 && server.status().connections[1]?.isUp === true;
  await until(isBack, { what: 'the bulk connection is back', withinMs: 15_000 });
  await Promise.all(asked);
  assert.equal((await client.request('echo.v1.m.1', payload, patient)).length, payload.length);
  assert.equal(
    client.status().connections.every(({ reconnects }) => reconnects === 0),
    true,
    'others are not held up',
  );
});

void test(
  'a broker that is told a smaller limit while it runs ends a connection once, and calls that may be repeated come through',
  within,
  async (t) => {
    const broker = await brokerWith(t, 'max_payload: 1MB\n');
    const [client, server] = [bus(t, broker.url), bus(t, broker.url)];
    await Promise.all([connected(client), connected(server)]);
    server.serve('echo.v1.*.1', echo);
    await reachable({ client, server });
    serveText(server, (request) => Promise.resolve(String(request.length)));
    const calls = textClient(client);
    const large = 'x'.repeat(400 * 1024);
    assert.equal(await calls.readText(large), String(large.length));
    writeFileSync(broker.file, 'max_payload: 64KB\n');
    await broker.kill('SIGHUP');
    await until(() => broker.log.includes('max_payload'), { what: 'the broker has read it', withinMs: 5_000 });
    assert.equal(
      await calls.readText(large),
      String(large.length),
      'brokers do not tell: the first message that is too large does',
    );
    await connected(client);
    const reconnects = (): number => client.status().connections.reduce((sum, it) => sum + it.reconnects, 0);
    const before = reconnects();
    for (let i = 0; i < 10; i++) assert.equal(await calls.readText(large), String(large.length));
    assert.equal(reconnects(), before);
  },
);

/** Listens where a broker was, and says nothing. */
async function silentListener(t: TestContext, port: number) {
  const sockets = new Set<Socket>();
  let tries = 0;
  const server = createServer((socket) => {
    tries += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  t.after(close);
  return { sockets, close, tries: () => tries };
}

void test(
  'a broker that comes back and accepts without a word is told in one line, costs no sockets, and is tried for ever',
  within,
  async (t) => {
    const broker = await brokerWith(t, '');
    const log = new ErrorLog();
    const client = bus(t, broker.url, log);
    await connected(client);
    await broker.kill('SIGKILL');
    const listener = await silentListener(t, broker.port);
    await down(client);
    await until(() => listener.tries() >= 6, { what: 'it is tried again and again', withinMs: 20_000 });
    assert.ok(listener.sockets.size <= 2, `${listener.sockets.size} sockets`);
    const told = log.lines.filter((line) => line.startsWith('The broker cannot be reached'));
    assert.ok(told.length <= 4, log.lines.join('\n'));
    assert.match(client.status().connections[0]?.fault ?? '', /accepts connections and says nothing/);
    await listener.close();
    await broker.restart();
    await connected(client);
  },
);

/** Time that passes ten times as fast, for what waits longer and longer. */
const hurried: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs(),
  schedule: (delayMs, run) => systemClock.schedule(delayMs / 10, run),
  sleep: (durationMs, signal) => systemClock.sleep(durationMs / 10, signal),
  defer: (run) => systemClock.defer(run),
};

void test(
  'a broker that is away is dialed for ever, long after the client library would have given up',
  within,
  async (t) => {
    const port = await freePortBlock([0]);
    let dials = 0;
    const door = createServer((socket) => {
      dials += 1;
      socket.destroy();
    });
    door.listen(port, '127.0.0.1');
    await once(door, 'listening');
    const patientBus = new NatsBus({
      access: natsAccess({ urls: `nats://127.0.0.1:${port}` }),
      name: 'test',
      role: 'server',
      clusterId: 'test',
      clock: hurried,
      random: systemRandom,
      logger: silent,
    });
    t.after(() => patientBus.close());
    await until(() => dials >= 60, { what: 'sixty dials', withinMs: 30_000 });
    door.close();
    const broker = await startNatsServer({ port });
    t.after(() => broker.stop());
    await connected(patientBus);
  },
);

void test(
  'clusters that meet at one broker answer themselves only, and each says once that the other is there',
  within,
  async (t) => {
    const broker = await brokerWith(t, '');
    const log = new ErrorLog();
    const open = (clusterId: string): NatsBus => {
      const opened = openNatsBus([broker.url], { clusterId, logger: log });
      t.after(() => opened.close());
      return opened;
    };
    const [ours, owner, theirs] = [open('ours'), open('ours'), open('theirs')];
    await Promise.all([ours, owner, theirs].map(connected));
    let executed = 0;
    owner.serve('echo.v1.*.1', echo);
    theirs.serve('echo.v1.*.1', (payload) => {
      executed += 1;
      return Promise.resolve(payload);
    });
    await reachable({ client: ours, server: owner });
    await reachable({ client: ours, server: owner });
    for (let i = 0; i < 100; i++) {
      assert.equal(text(await ours.request('echo.v1.m.1', bytes(`${i}`), patient)), `${i}`);
    }
    assert.equal(executed, 0);
    const dropped = (bus: NatsBus): number => bus.status().droppedMessages['otherCluster'] ?? 0;
    await until(() => dropped(theirs) === 100, { what: 'they have refused each', withinMs: 5_000 });
    await until(() => dropped(ours) > 0, { what: 'we are told', withinMs: 5_000 });
    assert.equal(log.lines.length, 2, log.lines.join('\n'));
    for (const line of log.lines)
      assert.match(line, /it is of another cluster: give each cluster a broker or an account of its own/);
    owner.serve('slow.v1.*.1', never);
    await assert.rejects(theirs.request('slow.v1.m.1', bytes(''), { timeoutMs: 500 }), {
      code: /noResponders|timeout/,
    });
  },
);
