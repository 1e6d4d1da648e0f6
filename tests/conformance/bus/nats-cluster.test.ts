import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { NatsBus } from '@duramesh/bus/nats';
import { type NatsCluster, startNatsCluster } from '../../support/nats-cluster.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { bytes, echo, never, reachable, text } from './bus-suite.ts';
import { AT_ONCE_MS, brokersOf, connected, down, openNatsBus } from './nats-pair.ts';
import { serveText, textClient } from './text-contract.ts';

interface World {
  readonly cluster: NatsCluster;
  readonly client: NatsBus;
  readonly server: NatsBus;
  /** Opens one more bus, which knows all brokers. */
  readonly open: () => Promise<NatsBus>;
}

function onCluster(name: string, run: (world: World) => Promise<void>): void {
  void test(name, { timeout: 90_000 }, async (t: TestContext) => {
    const cluster = await startNatsCluster();
    t.after(() => cluster.stop());
    const open = async (): Promise<NatsBus> => {
      const bus = openNatsBus([cluster.url]);
      t.after(() => bus.close());
      await connected(bus);
      return bus;
    };
    await run({ cluster, open, client: await open(), server: await open() });
  });
}

/** Calls one after the other, of both kinds, and what went wrong with them. */
function load(bus: NatsBus) {
  const calls = textClient(bus);
  const failures: string[] = [];
  let answered = 0;
  let longestMs = 0;
  let isOver = false;
  const run = async (method: 'readText' | 'writeText'): Promise<void> => {
    while (!isOver) {
      const startedAt = performance.now();
      try {
        assert.equal(await calls[method]('still here'), 'still here');
        answered += 1;
      } catch (error) {
        failures.push(`${method}: ${String(error)}`);
      }
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
  };
  const running = Promise.all([run('readText'), run('readText'), run('writeText'), run('writeText')]);
  return {
    failures,
    get answered() {
      return answered;
    },
    get longestMs() {
      return longestMs;
    },
    /** Resolves after so many more answers. */
    async goesOn(count = 200): Promise<void> {
      const target = answered + count;
      await until(() => answered >= target, { what: `${count} more answers`, withinMs: 20_000 });
    },
    async end(): Promise<void> {
      isOver = true;
      await running;
    },
  };
}

const answerBack = (request: string): Promise<string> => Promise.resolve(request);
const isOn = (bus: NatsBus, node: NatsServer): boolean => brokersOf(bus).some((address) => node.url.endsWith(address));

function brokerOf(bus: NatsBus, cluster: NatsCluster): NatsServer {
  const [address = ''] = brokersOf(bus);
  return cluster.nodeAt(address) ?? cluster.node(0);
}

/** A bus with no connection to this broker. */
async function openElsewhere(node: NatsServer, open: World['open']): Promise<NatsBus> {
  let bus = await open();
  while (isOn(bus, node)) bus = await open();
  return bus;
}

/** No client is connected to it any more, or it has ended for want of clients. */
async function isLeft({ monitorUrl }: NatsServer): Promise<boolean> {
  try {
    const { connections } = (await (await fetch(`${monitorUrl}/connz`)).json()) as Connz;
    return connections.length === 0;
  } catch {
    return true;
  }
}

onCluster(
  'brokers that shut down one after the other move their clients first, and no call fails, safe or not',
  async ({ cluster, client, server }) => {
    serveText(server, answerBack);
    await reachable({ client, server });
    const calls = load(client);
    await calls.goesOn();
    for (const node of cluster.nodes.slice(0, 2)) {
      node.lameDuck();
      const haveMoved = (): boolean => [client, server].every((bus) => !isOn(bus, node) && bus.connected);
      await until(haveMoved, { what: 'everybody moves', withinMs: 8_000 });
      await calls.goesOn();
      await until(() => isLeft(node), { what: 'nobody waits for answers there', withinMs: 12_000 });
      await node.restart();
      await cluster.routed();
    }
    await calls.end();
    assert.deepEqual(calls.failures, []);
  },
);

onCluster(
  'a broker that hangs is noticed within seconds, and its clients go on at another one',
  async ({ cluster, client, server }) => {
    serveText(server, answerBack);
    await reachable({ client, server });
    const hung = brokerOf(server, cluster);
    const calls = load(client);
    await calls.goesOn();
    const stoppedAt = performance.now();
    await hung.kill('SIGSTOP');
    const haveMoved = (): boolean => [client, server].every((bus) => !isOn(bus, hung) && bus.connected);
    await until(haveMoved, { what: 'everybody moves', withinMs: 10_000 });
    assert.ok(performance.now() - stoppedAt < 9_000, `${performance.now() - stoppedAt} ms`);
    await calls.goesOn();
    await calls.end();
    const repeated = calls.failures.filter((failure) => failure.startsWith('readText'));
    assert.deepEqual(repeated, [], 'calls that may be repeated come through');
    await hung.kill('SIGCONT');
  },
);

onCluster(
  'what a broker that hung had kept is not executed any more once the call was asked again elsewhere',
  async ({ cluster, client, open }) => {
    const executed: string[] = [];
    const hung = brokerOf(client, cluster);
    const server = await openElsewhere(hung, open);
    serveText(server, (request) => {
      executed.push(request);
      return Promise.resolve(request);
    });
    await reachable({ client, server });
    await hung.kill('SIGSTOP');
    assert.equal(await textClient(client).readText('again'), 'again');
    await hung.kill('SIGCONT');
    // What it had kept comes now, or is lost with the connection; the unit test of the responder knows.
    await cluster.routed();
    await reachable({ client, server });
    assert.deepEqual(executed, ['again']);
  },
);

onCluster(
  'a call whose answer was lost with a broker is given the answer again, and is executed once',
  async ({ cluster, client, open }) => {
    const hung = brokerOf(client, cluster);
    const server = await openElsewhere(hung, open);
    let executed = 0;
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
    serveText(server, async (request) => {
      executed += 1;
      await isReleased;
      return `${request} ${executed}`;
    });
    await reachable({ client, server });
    const asked = textClient(client).changeText('changed');
    await until(() => executed === 1, { what: 'it is executed', withinMs: 5_000 });
    await hung.kill('SIGSTOP');
    release();
    assert.equal(await asked, 'changed 1');
    await hung.kill('SIGCONT');
    assert.equal(executed, 1);
  },
);

onCluster(
  'the loss of all brokers is survived: calls fail at once as not executed or unknown, and go on within seconds',
  async ({ cluster, client, server }) => {
    serveText(server, answerBack);
    await reachable({ client, server });
    await cluster.killAll('SIGKILL');
    await Promise.all([down(client), down(server)]);
    const startedAt = performance.now();
    await assert.rejects(client.request('text.v1.read-text.0', bytes(''), { timeoutMs: 5_000 }), {
      code: 'notConnected',
      notExecuted: true,
    });
    assert.ok(performance.now() - startedAt < AT_ONCE_MS);
    const asked = textClient(client).writeText('waited', { timeoutMs: 20_000 });
    await cluster.restartAll();
    const backAt = performance.now();
    assert.equal(await asked, 'waited', 'what was not sent is sent when somebody can take it');
    await Promise.all([connected(client), connected(server)]);
    assert.ok(performance.now() - backAt < 5_000, `${performance.now() - backAt} ms`);
  },
);

onCluster(
  'a call that may not be repeated fails at once when its connection is lost, and is executed once',
  async ({ cluster, client, server }) => {
    let executed = 0;
    let finish = (_: string): void => undefined;
    serveText(server, () => {
      executed += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    await reachable({ client, server });
    const isUnavailable = (error: unknown): boolean =>
      error instanceof ServiceError && error.code === GrpcCode.UNAVAILABLE;
    const refused = assert.rejects(textClient(client).writeText('once'), isUnavailable);
    await until(() => executed === 1, { what: 'it runs', withinMs: 5_000 });
    const lostAt = performance.now();
    await cluster.killAll('SIGKILL');
    await refused;
    assert.ok(performance.now() - lostAt < AT_ONCE_MS);
    finish('too late');
    await cluster.restartAll();
    await Promise.all([connected(client), connected(server)]);
    await reachable({ client, server });
    assert.equal(executed, 1);
  },
);

onCluster(
  'a call made before anybody owns its subject is answered when the owner comes, at whatever broker',
  async ({ client, open }) => {
    const asked = textClient(client).writeText('early', { timeoutMs: 10_000 });
    const owner = await open();
    serveText(owner, answerBack);
    assert.equal(await asked, 'early');
  },
);

onCluster(
  'two processes that both believe to own a subject both hear the request: leases decide, no queue group does',
  async ({ client, server, open }) => {
    const other = await open();
    const heard: string[] = [];
    for (const [name, bus] of Object.entries({ server, other })) {
      bus.serve('owned.v1.*.1', (payload) => {
        heard.push(name);
        return Promise.resolve(payload);
      });
      await reachable({ client, server: bus });
    }
    assert.equal(text(await client.request('owned.v1.m.1', bytes('one'), { timeoutMs: 5_000 })), 'one');
    await until(() => heard.length === 2, { what: 'both hear it', withinMs: 5_000 });
    assert.deepEqual(heard.toSorted(), ['other', 'server']);
  },
);

onCluster(
  'what was asked of an owner that has left, and is not answered, is asked again at once, unless it must not be',
  async ({ client, server, open }) => {
    const leave = async (): Promise<void> => serveText(server, answerBack).close();
    const owner = serveText(server, answerBack);
    await reachable({ client, server });
    assert.equal(await textClient(client).readText('known'), 'known');
    await owner.close();
    // What a broker passes to an owner that it does not listen for any more comes to nobody: the same as to one who is deaf.
    const deaf = await open();
    const heard: string[] = [];
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    serveText(deaf, async (request) => {
      heard.push(request);
      if (heard.indexOf(request) === heard.length - 1) await isOver;
      return `${heard.length}: ${request}`;
    });
    await reachable({ client, server: deaf });
    const [once, again] = [textClient(client).writeText('once'), textClient(client).readText('again')];
    await until(() => heard.length === 2, { what: 'both are on their way', withinMs: 5_000 });
    const leftAt = performance.now();
    await leave();
    assert.equal(await again, '3: again');
    assert.ok(performance.now() - leftAt < AT_ONCE_MS, `${performance.now() - leftAt} ms`);
    end();
    assert.equal(await once, '3: once');
  },
);

onCluster('control and bulk have connections of their own, each with subjects of its own', async (world) => {
  const { cluster, client, server } = world;
  server.serve('echo.v1.*.1', echo);
  server.serve('slow.v1.*.1', never);
  await reachable(world);
  const large = new Uint8Array(200 * 1024);
  await client.request('echo.v1.m.1', large, { timeoutMs: 5_000 });
  const waiting = client.request('slow.v1.m.1', bytes(''), { timeoutMs: 1_000, isLongPoll: true });
  await client.request('echo.v1.m.1', bytes('small'), { timeoutMs: 5_000 });
  const connections = await Promise.all(
    cluster.nodes.map(async ({ monitorUrl }) => (await fetch(`${monitorUrl}/connz?subs=1`)).json() as Promise<Connz>),
  );
  const all = connections.flatMap((listed) => listed.connections);
  assert.deepEqual(all.map(({ name }) => name).toSorted(), ['test bulk', 'test bulk', 'test control', 'test control']);
  for (const { name, subscriptions_list: subjects = [] } of all) {
    const isBulk = name === 'test bulk';
    const own = subjects.filter((subject) => subject.startsWith('bulk.') || subject.includes('.b.'));
    assert.equal(own.length, isBulk ? subjects.length : 0, subjects.join(' '));
  }
  const bytesOf = (name: string): number =>
    all.filter((it) => it.name === name).reduce((sum, it) => sum + it.in_bytes, 0);
  assert.ok(bytesOf('test bulk') > 2 * large.length, 'the large payload went there and back on the bulk connections');
  assert.ok(bytesOf('test control') < large.length);
  await Promise.allSettled([waiting]);
});

interface Connz {
  readonly connections: readonly {
    readonly name: string;
    readonly in_bytes: number;
    readonly subscriptions_list?: readonly string[];
  }[];
}
