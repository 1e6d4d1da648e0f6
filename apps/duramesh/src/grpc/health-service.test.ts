import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type ClientReadableStream, Client, credentials, status } from '@grpc/grpc-js';
import { VirtualClock } from '@duramesh/testkit';
import { HealthService } from './health-service.ts';
import { ServicePort } from './service-port.ts';

const SERVING = 1;
const NOT_SERVING = 2;
const same = (bytes: Buffer): Buffer => bytes;
/** HealthCheckRequest { service }, and the status of a HealthCheckResponse. */
const requestOf = (service: string): Buffer => Buffer.from([0x0a, service.length, ...Buffer.from(service)]);
const statusIn = (bytes: Buffer): number => bytes[1] ?? 0;

/** A port with health alone, which is ready when the test says so. */
class Port {
  isReady = true;
  looks = 0;
  readonly clock = new VirtualClock();
  readonly health = new HealthService({
    services: ['history'],
    clock: this.clock,
    isReady: () => {
      this.looks += 1;
      return Promise.resolve(this.isReady);
    },
  });

  async use(test: (client: Client) => Promise<void>): Promise<void> {
    const server = new ServicePort([this.health.grpcService]);
    const port = await server.listen('127.0.0.1', 0);
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    try {
      await test(client);
    } finally {
      client.close();
      server.close();
    }
  }
}

const check = (client: Client, service: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const path = '/grpc.health.v1.Health/Check';
    client.makeUnaryRequest(path, same, same, requestOf(service), (error, answer) => {
      if (error || !answer) reject(error ?? new Error('no answer'));
      else resolve(statusIn(answer));
    });
  });

const watch = (client: Client, service: string): ClientReadableStream<Buffer> =>
  client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', same, same, requestOf(service));

const next = async (watching: ClientReadableStream<Buffer>): Promise<number> => {
  const [bytes] = (await once(watching, 'data')) as [Buffer];
  return statusIn(bytes);
};

test('health is looked at when it is asked for, by the names that are served', async () => {
  const port = new Port();
  await port.use(async (client) => {
    assert.equal(port.looks, 0);
    assert.equal(await check(client, ''), SERVING);
    port.isReady = false;
    assert.equal(await check(client, 'history'), NOT_SERVING);
    assert.equal(port.looks, 2);
    await assert.rejects(check(client, 'other'), { code: status.NOT_FOUND });
  });
});

test('who watches hears what changes, and that the service is going; afterwards nobody looks', async () => {
  const port = new Port();
  await port.use(async (client) => {
    const watching = watch(client, 'history');
    assert.equal(await next(watching), SERVING);
    port.isReady = false;
    const changed = next(watching);
    await port.clock.advance(2_000);
    assert.equal(await changed, NOT_SERVING);
    port.isReady = true;
    const back = next(watching);
    await port.clock.advance(2_000);
    assert.equal(await back, SERVING);
    const ended = once(watching, 'end');
    const last = next(watching);
    await port.health.drain();
    assert.equal(await last, NOT_SERVING);
    await ended;
    assert.equal(port.clock.pendingTimers, 0);
    assert.equal(await check(client, ''), NOT_SERVING);
  });
});
