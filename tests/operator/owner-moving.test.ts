import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { isServing } from '../support/grpc-health.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type Deployment, portOffsets, type ServerProcess, startFourProcesses } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { HandWorker } from './hand-worker.ts';
import { clusterCommand, clusterJson, explainedBy } from './operator-calls.ts';

let broker: NatsServer;
let cluster: Deployment;
let connection: Connection;
let hand: HandWorker;

before(async () => {
  broker = await startNatsServer();
  cluster = await startFourProcesses({ nats: broker.url, flags: ['--shards', '16'] });
  connection = await Connection.connect({ address: cluster.address });
  hand = new HandWorker(connection);
});
after(async () => {
  await connection.close();
  await cluster.stop();
  await broker.stop();
});

function processOf(service: keyof typeof portOffsets): ServerProcess {
  const found = cluster.processes.find(({ name }) => name === service);
  assert.ok(found, service);
  return found;
}
function addressOf(service: keyof typeof portOffsets): string {
  const [host, port] = cluster.address.split(':');
  return `${host}:${Number(port) + portOffsets[service]}`;
}

interface Members {
  readonly members: readonly { readonly memberId: string; readonly problem: string; readonly services: object }[];
}

void test('one reachable process tells of those of the other services', async () => {
  const { members } = await clusterJson<Members>({ address: addressOf('matching') }, 'members');
  const served = members.flatMap(({ services }) => Object.keys(services));
  for (const service of ['history', 'matching']) assert.ok(served.includes(service), served.join(', '));
  assert.deepEqual(
    members.map(({ problem }) => problem),
    members.map(() => ''),
  );
});

void test('a history process that stands still is told as the owner that does not answer, until it goes on', async () => {
  const workflowId = await hand.start('moving');
  await processOf('history').pause();
  try {
    const { text, advice } = await explainedBy(cluster, workflowId, 'OWNER_MOVING');
    assert.match(text, /^Nobody answers for history shard \d+: (?:its lease \(range \d+\) is held by|no process)/);
    assert.match(advice, /duramesh cluster members$/);
    const health = await clusterCommand(cluster, 'health');
    assert.ok(health.code === 3 || !health.out.includes('history'), health.out);
  } finally {
    processOf('history').resume();
  }
  await explainedBy(cluster, workflowId, 'NO_POLLER');
});

void test('while the broker is away no process says that it serves, and all do when it is back', async () => {
  const services = ['frontend', 'history', 'matching', 'worker'] as const;
  const areServing = async (): Promise<readonly boolean[]> =>
    Promise.all(services.map((service) => isServing(addressOf(service))));
  await until(async () => (await areServing()).every(Boolean), { what: 'all serve', withinMs: 30_000 });
  await broker.kill('SIGKILL');
  await until(async () => !(await areServing()).some(Boolean), { what: 'nobody serves', withinMs: 30_000 });
  await broker.restart();
  await until(async () => (await areServing()).every(Boolean), { what: 'all serve again', withinMs: 30_000 });
});
