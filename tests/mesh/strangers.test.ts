import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, test } from 'node:test';
import { databases } from '../sdk/databases.ts';
import { duramesh } from '../support/duramesh.ts';
import { freePortBlock } from '../support/free-ports.ts';
import { isServing } from '../support/grpc-health.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { MEMBERSHIP_OFFSET, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const SAID_WITHIN_MS = 10_000;
const BUSY_OFFSETS = [0, 1, 2, 6, 1000, -300, -299, -298, -294];

let broker: NatsServer | undefined;
after(() => broker?.stop());

for (const { name, create } of databases) {
  test(`a process of another cluster does not start on the ${name} database of this one, and says why`, async () => {
    const db = await create();
    await using server = await startServer({ db, flags: ['--cluster-name', 'prod'] });
    broker ??= await startNatsServer();
    const port = String(await freePortBlock(BUSY_OFFSETS));
    const flags = [
      '--port',
      port,
      '--db',
      db,
      '--nats',
      broker.url,
      '--cluster-name',
      'staging',
      '--node-name',
      'late',
    ];
    // One machine's file is for processes that share a broker, or for one alone.
    await server.stop();
    const { code, err } = await duramesh(['start', ...flags]);
    assert.equal(code, 1);
    assert.match(
      err,
      /^duramesh: the database belongs to the cluster 'prod', and this is 'staging': .*--cluster-name.*\n$/,
    );
  });

  test(`a membership port of a server on ${name} ends what is no member, says so once, and the server goes on`, async () => {
    broker ??= await startNatsServer();
    await using server = await startServer({ db: await create(), flags: ['--nats', broker.url] });
    const [host = '', port = ''] = server.address.split(':');
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\0\0\0\x04\xff\xff\xff\xff', '\0\0\0\x40cut']) {
      const socket = net.connect(Number(port) + MEMBERSHIP_OFFSET + 1, host);
      await once(socket, 'connect');
      socket.end(Buffer.from(bytes, 'latin1'));
      await once(socket.resume(), 'close');
    }
    const lines = (): string[] => server.log.split('\n').filter((line) => line.includes('ended a connection'));
    await until(() => lines().length === 3, { what: 'each is said once', withinMs: SAID_WITHIN_MS });
    for (const reason of ['oversize', 'malformed', 'truncated']) {
      assert.ok(
        lines().some((line) => line.includes(`"reason":"${reason}"`)),
        lines().join('\n'),
      );
    }
    assert.ok(await isServing(server.address));
  });
}
