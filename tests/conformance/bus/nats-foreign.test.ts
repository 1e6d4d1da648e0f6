import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { bytes, echo, never, reachable, text } from './bus-suite.ts';
import { openNatsPair } from './nats-pair.ts';

const patient = { timeoutMs: 20_000 };
const MAGIC = 0xdb;

/** Random messages, half of which start like ours. */
function garbage(): Uint8Array {
  const data = randomBytes(Math.floor(Math.random() * 64));
  if (data.length > 1 && Math.random() < 0.5) {
    data[0] = MAGIC;
    data[1] = Math.floor(Math.random() * 9);
  }
  return data;
}

void test('what others publish on our subjects and inboxes does no harm', { timeout: 60_000 }, async () => {
  const broker = await startNatsServer();
  const pair = await openNatsPair([broker.url]);
  const { client, server } = pair;
  const inboxes = new Set<string>();
  const stranger = await connect({ servers: broker.url });
  stranger.subscribe('slow.v1.>', { callback: (_, { reply }) => void inboxes.add(reply ?? '') });
  await stranger.flush();
  server.serve('echo.v1.*.1', echo);
  server.serve('slow.v1.*.1', never);
  await reachable(pair);
  const waiting = client.request('slow.v1.m.1', bytes('x'), { timeoutMs: 5_000 }).catch((error: unknown) => error);
  await until(() => inboxes.size === 1, { what: 'the stranger overhears', withinMs: 5_000 });
  const [inbox = ''] = inboxes;
  const others = inbox.slice(0, inbox.lastIndexOf('.') + 1);
  for (let i = 0; i < 2_000; i++) {
    const reply = i % 3 === 0 ? undefined : { reply: i % 3 === 1 ? 'echo.v1.m.1' : `_INBOX.stranger.${i}` };
    stranger.publish(i % 2 === 0 ? 'echo.v1.m.1' : 'bulk.echo.v1.m.1', garbage(), reply);
    stranger.publish(`${others}${Math.floor(Math.random() * 36 ** 3 + 100).toString(36)}`, garbage(), reply);
    stranger.publish(`${others}x.y.${i}`, garbage());
  }
  await stranger.flush();
  for (let i = 0; i < 50; i++) {
    assert.equal(text(await client.request('echo.v1.m.1', bytes(`${i}`), patient)), `${i}`);
  }
  const large = randomBytes(2 * 1024 * 1024);
  assert.ok(large.equals(await client.request('echo.v1.m.1', large, patient)));
  assert.ok((server.status().droppedMessages['foreign'] ?? 0) > 500);
  stranger.publish(inbox, Uint8Array.of(1, 2, 3));
  await stranger.flush();
  assert.equal(client.status().pendingRequests, 1, 'what is no answer leaves the request waiting');
  await stranger.close();
  await pair.close();
  await waiting;
  await broker.stop();
});

void test('no message is larger than the broker allows', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'duramesh-nats-'));
  const config = path.join(folder, 'nats.conf');
  writeFileSync(config, 'max_payload: 65536\n');
  const broker = await startNatsServer({ args: ['-c', config] });
  const pair = await openNatsPair([broker.url]);
  pair.server.serve('echo.v1.*.1', echo);
  await reachable(pair);
  for (const size of [60_000, 62_000, 65_536, 66_000, 1_000_000]) {
    const payload = randomBytes(size);
    assert.ok(payload.equals(await pair.client.request('echo.v1.m.1', payload, patient)), `${size} bytes`);
  }
  assert.ok(pair.client.status().connections.every(({ reconnects }) => reconnects === 0));
  await pair.close();
  await broker.stop();
  await rm(folder, { recursive: true });
});
