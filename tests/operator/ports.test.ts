import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import {
  type Codec,
  DescribeProcessRequest,
  ProcessView,
  ServerReflectionRequest,
  ServerReflectionResponse,
} from '@duramesh/proto';
import { isServing } from '../support/grpc-health.ts';
import { type Deployment, portOffsets, startServer } from '../support/server-process.ts';
import { clusterCommand, clusterJson } from './operator-calls.ts';

const services = ['frontend', 'history', 'matching', 'worker'] as const;
let server: Deployment;

before(async () => {
  server = await startServer({ flags: ['--shards', '16'] });
});
after(() => server.stop());

const portOf = (service: (typeof services)[number]): string => {
  const [host, port] = server.address.split(':');
  return `${host}:${Number(port) + portOffsets[service]}`;
};

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(address, credentials.createInsecure());
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const encoder =
  <T>(codec: Codec<T>) =>
  (message: T): Buffer =>
    Buffer.from(codec.encode(message));

function describeProcess(client: Client, request: DescribeProcessRequest): Promise<ProcessView> {
  const path = '/duramesh.operator.v1.OperatorService/DescribeProcess';
  const options = { deadline: Date.now() + 5_000 };
  return new Promise((resolve, reject) => {
    const decode = (bytes: Buffer): ProcessView => ProcessView.decode(bytes);
    client.makeUnaryRequest(path, encoder(DescribeProcessRequest), decode, request, options, (error, answer) => {
      if (error || !answer) reject(error ?? new Error('no answer'));
      else resolve(answer);
    });
  });
}

/** One question after the other over one stream. */
async function reflect(client: Client, questions: readonly Partial<ServerReflectionRequest>[]) {
  const stream = client.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    encoder(ServerReflectionRequest),
    (bytes: Buffer) => ServerReflectionResponse.decode(bytes),
    { deadline: Date.now() + 5_000 },
  );
  for (const question of questions) stream.write(ServerReflectionRequest.create(question));
  stream.end();
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of stream) answers.push(answer as ServerReflectionResponse);
  return answers;
}

for (const service of services) {
  void test(`the port of ${service} tells its health and how the process is`, async () => {
    assert.ok(await isServing(portOf(service)));
    const view = await withClient(portOf(service), (client) =>
      describeProcess(client, DescribeProcessRequest.create({ withShards: true })),
    );
    assert.deepEqual(view.services.map((it) => it.service).sort(), ['frontend', 'history', 'matching', 'worker']);
    assert.ok(view.checks.every(({ ok }) => ok));
    assert.ok(view.rssBytes > 0 && view.uptimeMs > 0 && view.version !== '');
    const history = view.services.find((it) => it.service === 'history');
    assert.deepEqual(history?.partitions, { owned: 16 });
    assert.equal(history.shards.length, 16);
    assert.ok(history.shards.every(({ state, rangeId, sinceMs }) => state === 'owned' && rangeId > 0 && sinceMs > 0));
    assert.ok((history.lag?.lookAheadUntilMs ?? 0) > Date.now() - 60_000);
  });

  void test(`the port of ${service} describes the service for operators to tools`, async () => {
    const questions = [
      { listServices: '' },
      { fileContainingSymbol: 'duramesh.operator.v1.OperatorService' },
      { fileByFilename: 'grpc/health/v1.proto' },
      { fileContainingSymbol: 'nobody.knows.This' },
    ];
    const answers = await withClient(portOf(service), (client) => reflect(client, questions));
    const [listed, operator, health, unknown] = answers;
    assert.deepEqual(listed?.listServicesResponse?.service.map(({ name }) => name).sort(), [
      'duramesh.operator.v1.OperatorService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ]);
    const described = Buffer.from(operator?.fileDescriptorResponse?.fileDescriptorProto[0] ?? []).toString('latin1');
    for (const name of ['ExplainWorkflow', 'DescribeCluster', 'backlog_age_ms'])
      assert.ok(described.includes(name), name);
    assert.ok((health?.fileDescriptorResponse?.fileDescriptorProto[0]?.length ?? 0) > 0);
    assert.equal(unknown?.errorResponse?.errorCode, 5);
  });
}

void test('members, health, shards and queues are tables for people and JSON for scripts', async () => {
  const members = await clusterCommand(server, 'members');
  assert.equal(members.code, 0, members.err);
  assert.match(members.out, /^MEMBER +STATE +VERSION +UP +SHARDS +SLOTS +MEMORY +SERVICES\n\S+ +ready +\d+\.\d+\.\d+ /);
  const health = await clusterCommand(server, 'health');
  assert.equal(health.code, 0, health.err);
  assert.match(health.out, /\n\S+ +ready +sqlite \d+\.\d ms /);
  assert.match((await clusterCommand(server, 'shards')).out, /\n16 more shards are served and have nothing to do\.\n/);
  assert.match((await clusterCommand(server, 'queues')).out, /No task queue of namespace default is in use\./);
  const { historyShards, holders } = await clusterJson<{ historyShards: number; holders: object[] }>(server, 'shards');
  assert.deepEqual([historyShards, holders.length], [16, 16]);
});

void test('an address where nobody answers, and words that make no sense, end in one line that says what to do', async () => {
  const nobody = await clusterCommand({ address: '127.0.0.1:1' }, 'members');
  assert.equal(nobody.code, 1);
  assert.equal(
    nobody.err,
    'duramesh: nothing answers at 127.0.0.1:1: start a server there, or name another of the cluster with --address\n',
  );
  for (const words of [['membres'], ['explain'], ['members', '--output', 'xml'], ['members', '--adress', 'x']]) {
    const { code, err } = await clusterCommand(server, ...words);
    assert.deepEqual([code, err.split('\n').length], [2, 2], err);
  }
});
