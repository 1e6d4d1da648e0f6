import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { duramesh } from '../support/duramesh.ts';
import { type NatsCluster, startNatsCluster } from '../support/nats-cluster.ts';
import { asUser, deployedNats } from '../support/nats-logins.ts';
import { type Deployment, startFourProcesses } from '../support/server-process.ts';
import { startOrders } from './suite/durability.ts';
import { Lab } from './support/lab.ts';

let brokers: NatsCluster;
let deployment: Deployment;

before(async () => {
  brokers = await startNatsCluster(deployedNats('cluster.conf'));
  deployment = await startFourProcesses({ nats: (service) => asUser(service, brokers.url) });
});
after(async () => {
  await deployment.stop();
  await brokers.stop();
});

void test(
  'four services with logins of their own run workflows over the brokers of deploy/nats, and the brokers object to nothing',
  { timeout: 120_000 },
  async () => {
    const lab = await Lab.open(deployment);
    const orders = await startOrders(lab);
    await orders.finished();
    await lab.close();
    assert.doesNotMatch(deployment.log, /A message on the bus was refused|The broker objects/);
    for (const { metricsUrl, name } of deployment.processes) {
      const metrics = await (await fetch(metricsUrl)).text();
      assert.match(metrics, /^bus_connected 1$/m, name);
      assert.doesNotMatch(metrics, /reason="forbidden"/, name);
    }
  },
);

void test(
  'a service that logs in as another one does not start: one line says why, and no secret',
  { timeout: 60_000 },
  async () => {
    for (const [service, user] of [
      ['history', 'frontend'],
      ['matching', 'history'],
      ['frontend', 'worker'],
    ] as const) {
      const shared = ['--db', deployment.databaseUrl, '--log-level', 'error', '--port', '0'];
      const { code, err } = await duramesh([
        'start',
        '--services',
        service,
        '--nats',
        asUser(user, brokers.url),
        ...shared,
      ]);
      assert.equal(code, 1);
      const line = new RegExp(
        `^duramesh: the broker does not let user "${user}" listen to \\S+: log in as a user that may run ${service}\\n$`,
      );
      assert.match(err, line);
      assert.doesNotMatch(err, /secret/);
    }
  },
);
