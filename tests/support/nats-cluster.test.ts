import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { startNatsCluster } from './nats-cluster.ts';
import { natsServerInfo } from './nats-server.ts';
import { until } from './until.ts';

void test('three brokers of a test pass messages on, and each can end and come back', { timeout: 60_000 }, async () => {
  await using cluster = await startNatsCluster();
  assert.equal(cluster.nodes.length, 3);
  const [first, , third] = await Promise.all(cluster.nodes.map(({ url }) => connect({ servers: url })));
  assert.ok(first !== undefined && third !== undefined);
  first.subscribe('greeting', { callback: (_, message) => void message.respond('hello') });
  const greeted = async (): Promise<boolean> =>
    (await third.request('greeting', '', { timeout: 500 })).string() === 'hello';
  await until(greeted, { what: 'a subject is known at another broker', withinMs: 5_000 });
  await Promise.all([first.close(), third.close()]);

  const node = cluster.node(1);
  await node.kill('SIGKILL');
  assert.equal(await natsServerInfo(node.port), undefined);
  await node.restart();
  await cluster.routed();
  assert.equal(cluster.nodeAt(`127.0.0.1:${node.port}`), node);

  await cluster.killAll('SIGKILL');
  await cluster.restartAll();
  assert.equal((await natsServerInfo(node.port))?.server_name, 'nats-2');
});
