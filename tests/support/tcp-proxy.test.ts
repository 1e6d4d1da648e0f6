import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const echo = createServer((socket) => socket.pipe(socket).on('error', () => undefined));
let proxy: TcpProxy;
const clients: Socket[] = [];

before(async () => {
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  assert.ok(typeof address === 'object' && address !== null);
  proxy = await startTcpProxy(address.port);
});
after(async () => {
  for (const client of clients) client.destroy();
  await proxy.close();
  echo.close();
});

async function connected(): Promise<Socket> {
  const client = createConnection(proxy.port, '127.0.0.1').setEncoding('utf8');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

async function heard(client: Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += String((await once(client, 'data'))[0]);
  return text;
}

function echoed(client: Socket, text: string): Promise<string> {
  client.write(text);
  return heard(client, text.length);
}

test('what is delayed arrives in its order, and as much later as both directions take', async () => {
  const client = await connected();
  proxy.delay(40);
  const startedAt = performance.now();
  for (const piece of ['a', 'b', 'c']) client.write(piece);
  assert.equal(await heard(client, 3), 'abc');
  assert.ok(performance.now() - startedAt >= 79);
  proxy.delay(0);
});

test('what is held comes through when it is released, on connections that were opened meanwhile, too', async () => {
  const old = await connected();
  proxy.hold();
  const young = await connected();
  let isReleased = false;
  const answers = Promise.all([old, young].map(async (client) => [await echoed(client, 'x'), isReleased]));
  await new Promise((resolve) => setImmediate(resolve));
  isReleased = true;
  proxy.release();
  assert.deepEqual(await answers, [
    ['x', true],
    ['x', true],
  ]);
});

test('a cut ends all connections, and new ones are let through', async () => {
  const client = await connected();
  assert.equal(await echoed(client, 'x'), 'x');
  const closed = once(client, 'close');
  proxy.cut();
  await closed;
  assert.equal(await echoed(await connected(), 'y'), 'y');
});
