import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { ErrorLog } from '../../support/error-log.ts';
import { asUser, deployedNats, type NatsUser, natsUsers } from '../../support/nats-logins.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { bytes, echo, reachable, text } from './bus-suite.ts';
import { connected, openNatsBus } from './nats-pair.ts';

let broker: NatsServer;

before(async () => {
  broker = await startNatsServer(deployedNats('server.conf'));
});
after(() => broker.stop());

/** What each user may hear, by a subject for everything that is said on the bus. */
const heard: Readonly<Record<string, readonly NatsUser[]>> = {
  'history.v1.start-workflow.42': ['history', 'server'],
  'bulk.history.v1.*.42': ['history', 'server'],
  'matching.v1.*.7': ['matching', 'server'],
  'bulk.matching.v1.*.7': ['matching', 'server'],
  'membership.v1.history.1a2b': ['history', 'server'],
  'operator.v1.*.42': natsUsers,
  '_INBOX.frontend.p1.c.*': ['frontend'],
  '_INBOX.history.p1.c.*': ['history'],
  '_INBOX.matching.p1.b.*': ['matching'],
  '_INBOX.worker.p1.c.*': ['worker'],
  '_INBOX.server.p1.c.*': ['server'],
  'frontend.v1.anything.1': [],
  '_INBOX.>': [],
  '>': [],
};

/** What each user may say. */
const said: Readonly<Record<string, readonly NatsUser[]>> = {
  'history.v1.start-workflow.42': natsUsers,
  'bulk.history.v1.start-workflow.42': natsUsers,
  'matching.v1.poll-task.7': ['frontend', 'history', 'matching', 'server'],
  'membership.v1.history.1a2b': natsUsers,
  'operator.v1.describe-process.42': natsUsers,
  '_INBOX.frontend.p1.c.1': natsUsers,
  'frontend.v1.anything.1': [],
  '$SYS.REQ.SERVER.PING': [],
};

/** Resolves with what the broker objects to, once it has heard everything. */
async function objectionsTo(connection: NatsConnection, act: () => void): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  const watching = (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error' && status.error instanceof PermissionViolationError)
        refused.add(status.error.subject);
    }
  })();
  act();
  await connection.flush();
  await connection.close();
  await watching;
  return refused;
}

for (const user of natsUsers) {
  void test(`the broker lets ${user} hear and say what it needs, and nothing else`, async () => {
    const open = (): Promise<NatsConnection> => connect(loginOf(user));
    const listening = await open();
    const refusedToHear = await objectionsTo(listening, () => {
      for (const subject of Object.keys(heard)) listening.subscribe(subject, { callback: () => undefined });
    });
    for (const [subject, users] of Object.entries(heard)) {
      assert.equal(!refusedToHear.has(subject), users.includes(user), `${user} hears ${subject}`);
    }
    const speaking = await open();
    const refusedToSay = await objectionsTo(speaking, () => {
      for (const subject of Object.keys(said)) speaking.publish(subject);
    });
    for (const [subject, users] of Object.entries(said)) {
      assert.equal(!refusedToSay.has(subject), users.includes(user), `${user} says ${subject}`);
    }
  });
}

function loginOf(user: NatsUser): { servers: string; user: string; pass: string } {
  const { username, password, host } = new URL(asUser(user, broker.url));
  return { servers: host, user: username, pass: password };
}

void test('services with their own logins call each other, with payloads of any size', async () => {
  const frontend = openNatsBus([asUser('frontend', broker.url)], { role: 'frontend' });
  const history = openNatsBus([asUser('history', broker.url)], { role: 'history' });
  await Promise.all([connected(frontend), connected(history)]);
  history.serve('history.v1.*.1', echo);
  const large = new Uint8Array(3 * 1024 * 1024).fill(7);
  const ask = (payload: Uint8Array) => frontend.request('history.v1.echo.1', payload, { timeoutMs: 5_000 });
  await until(() => ask(bytes('?')), { what: 'history is reached', withinMs: 5_000 });
  assert.equal(text(await ask(bytes('small'))), 'small');
  assert.deepEqual(await ask(large), Buffer.from(large));
  for (const bus of [frontend, history]) assert.deepEqual(bus.status().droppedMessages, {});
  await Promise.all([frontend.close(), history.close()]);
});

void test('a service with the login of another one hears nothing, says why in one line, and counts it', async () => {
  const log = new ErrorLog();
  const impostor = openNatsBus([asUser('frontend', broker.url)], { role: 'frontend', logger: log });
  const owner = openNatsBus([asUser('history', broker.url)], { role: 'history' });
  await Promise.all([connected(impostor), connected(owner)]);
  let overheard = 0;
  for (let shard = 1; shard <= 100; shard++) {
    impostor.serve(`history.v1.*.${shard}`, (payload) => {
      overheard += 1;
      return Promise.resolve(payload);
    });
  }
  const forbidden = (): number => impostor.status().droppedMessages['forbidden'] ?? 0;
  await until(() => forbidden() === 200, { what: 'the broker objects to each subject', withinMs: 5_000 });
  owner.serve('history.v1.*.1', echo);
  await reachable({ client: owner, server: owner });
  await owner.request('history.v1.echo.1', bytes('secret'), { timeoutMs: 2_000 });
  assert.equal(overheard, 0);
  assert.equal(log.lines.length, 1, log.lines.join('\n'));
  assert.match(
    log.lines[0] ?? '',
    /^A message on the bus was refused: the broker does not allow it: correct the permissions/,
  );
  await Promise.all([impostor.close(), owner.close()]);
});

void test('a request that the broker does not allow fails at once, and was not executed', async () => {
  const worker = openNatsBus([asUser('worker', broker.url)], { role: 'worker' });
  await connected(worker);
  const startedAt = performance.now();
  await assert.rejects(worker.request('matching.v1.poll-task.7', bytes(''), { timeoutMs: 10_000 }), {
    code: 'forbidden',
    notExecuted: true,
  });
  assert.ok(performance.now() - startedAt < 2_000);
  await worker.close();
});
