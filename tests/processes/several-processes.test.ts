import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { duramesh } from '../support/duramesh.ts';
import { freePortBlock } from '../support/free-ports.ts';
import { isServing } from '../support/grpc-health.ts';
import { childrenOf } from '../support/process-table.ts';
import { type Deployment, startProcesses } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { Lab } from '../sdk/support/lab.ts';
import { allSteps, startOrders } from '../sdk/suite/durability.ts';

const PROCESSES = 3;
const GONE_WITHIN_MS = 20_000;
const SHARDS = 1024;
/** Far more than processes: left-over attempts to connect from before the start take turns, too. */
const CONNECTIONS = 24;
const SHARED_WITHIN_MS = 20_000;
const BANNER_WITHIN_MS = 5_000;
const AGAIN_WITHIN_MS = 20_000;

let broker: NatsServer;
before(async () => {
  broker = await startNatsServer();
});
after(() => broker.stop());

const start = (): Promise<Deployment> => startProcesses(PROCESSES, { nats: broker.url });
const keeperOf = (deployment: Deployment): number => deployment.processes[0]?.pid ?? 0;

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const areGone = (pids: readonly number[]): Promise<boolean> =>
  until(() => !pids.some(isThere), { what: 'the processes are gone', withinMs: GONE_WITHIN_MS });

interface Banner {
  readonly port: number;
  readonly processes: readonly { readonly ports: Readonly<Record<string, number>>; readonly metrics: string }[];
}

async function bannerOf(deployment: Deployment): Promise<Banner> {
  const find = (): string | undefined => deployment.log.split('\n').find((it) => it.includes('Duramesh is ready.'));
  return JSON.parse(await until(find, { what: 'the banner', withinMs: BANNER_WITHIN_MS })) as Banner;
}

async function metric(url: string, pattern: RegExp): Promise<number> {
  const text = await (await fetch(url)).text();
  return Number(pattern.exec(text)?.[1] ?? 0);
}

suite('several processes behind one port', { timeout: 120_000 }, () => {
  test('every process takes connections, and each process has services of its own', async () => {
    await using deployment = await start();
    const { processes, port } = await bannerOf(deployment);
    assert.equal(deployment.address, `127.0.0.1:${port}`);
    assert.equal(processes.length, PROCESSES);
    for (const { ports } of processes) {
      for (const service of ['history', 'matching', 'worker']) {
        assert.ok(await isServing(`127.0.0.1:${ports[service]}`), service);
      }
    }
    const all = processes.flatMap(({ ports: { frontend: _, ...own } }) => Object.values(own));
    assert.equal(new Set(all).size, 3 * PROCESSES);
    const sharedOut = async (): Promise<boolean> => {
      const owned = await Promise.all(
        processes.map(({ metrics }) => metric(metrics, /^numshards_gauge\{[^}]*history[^}]*\} (\d+)/m)),
      );
      return owned.every((shards) => shards > 0) && owned.reduce((sum, shards) => sum + shards, 0) === SHARDS;
    };
    await until(sharedOut, { what: 'the shards are shared out', withinMs: SHARED_WITHIN_MS });
    const calls = (): Promise<readonly number[]> =>
      Promise.all(
        processes.map(({ metrics }) => metric(metrics, /^service_requests\{[^}]*GetSystemInfo[^}]*\} (\d+)/m)),
      );
    for (let at = 0; at < CONNECTIONS; at++) await systemInfoOnItsOwnConnection(deployment.address);
    const served = await calls();
    assert.ok(
      served.every((count) => count > 0),
      `each process serves some of the connections: ${served.join(', ')}`,
    );
  });

  test('workflows finish while one process after the other is killed, and each comes back', async () => {
    await using deployment = await start();
    const keeper = keeperOf(deployment);
    const lab = await Lab.open(deployment);
    const orders = await startOrders(lab);
    const first = childrenOf(keeper);
    assert.equal(first.length, PROCESSES);
    for (const [index, pid] of first.entries()) {
      await orders.stepsDone((allSteps * (index + 1)) / (PROCESSES + 1));
      process.kill(pid, 'SIGKILL');
    }
    await orders.finished();
    const areBack = (): boolean => {
      const now = childrenOf(keeper);
      return now.length === PROCESSES && !now.some((pid) => first.includes(pid));
    };
    await until(areBack, { what: 'the processes are back', withinMs: AGAIN_WITHIN_MS });
    assert.equal(deployment.log.match(/A process ended by itself and is started again: SIGKILL/g)?.length, PROCESSES);
    await lab.close();
  });

  test('SIGTERM ends all in order and leaves nothing behind', async () => {
    const deployment = await start();
    const pids = childrenOf(keeperOf(deployment));
    await deployment.stop();
    assert.ok(!pids.some(isThere), 'all had gone before the keeper');
    assert.match(deployment.log, /"msg":"Stopped\."/);
    assert.doesNotMatch(deployment.log, /is killed|"level":"error"/);
  });

  test('processes whose keeper is killed end by themselves', async () => {
    const deployment = await start();
    const pids = childrenOf(keeperOf(deployment));
    await deployment.processes[0]?.kill('SIGKILL');
    await areGone(pids);
    await deployment.stop();
  });
});

suite('several processes that cannot start', { timeout: 60_000 }, () => {
  test('a port in use ends them with one line', async () => {
    const port = await freePortBlock([0]);
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const { code, err } = await startToItsEnd('--port', String(port));
    taken.close();
    assert.equal(
      err,
      `duramesh: port ${port} for frontend is in use: stop what listens there, or choose another with --port\n`,
    );
    assert.equal(code, 1);
  });

  test('what the first process meets is told once, in its words', async () => {
    const { code, err } = await duramesh(['start', '--processes', '4', '--port', '0', '--nats', 'nats://127.0.0.1:1']);
    assert.equal(err, 'duramesh: 127.0.0.1:1 refuses connections: start the broker, or correct --nats\n');
    assert.equal(code, 1);
  });

  test('several processes without a broker are refused', async () => {
    const { code, err } = await duramesh(['start', '--processes', '4']);
    assert.equal(err, 'duramesh: --processes 4 needs --nats URL: the processes reach each other over a broker\n');
    assert.equal(code, 2);
  });
});

const startToItsEnd = (...flags: readonly string[]): ReturnType<typeof duramesh> =>
  duramesh(['start', '--processes', '2', '--nats', broker.url, ...flags]);

async function systemInfoOnItsOwnConnection(address: string): Promise<void> {
  const connection = Connection.lazy({ address, channelArgs: { 'grpc.use_local_subchannel_pool': 1 } });
  await connection.workflowService.getSystemInfo({});
  await connection.close();
}
