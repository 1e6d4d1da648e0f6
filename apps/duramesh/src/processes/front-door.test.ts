import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { FrontDoor, type Taker } from './front-door.ts';

/** A taker that says its name on each connection and closes it. */
const saying =
  (name: string): Taker =>
  (connection) =>
    connection.end(name);

async function openDoor(t: TestContext): Promise<{ readonly door: FrontDoor; readonly told: () => Promise<string> }> {
  const door = new FrontDoor();
  t.after(() => door.close());
  const port = await door.listen('127.0.0.1', 0);
  const told = async (): Promise<string> => {
    const client: Socket = createConnection(port, '127.0.0.1');
    let text = '';
    client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    client.on('error', () => {});
    await once(client, 'close');
    return text;
  };
  return { door, told };
}

test('connections go to one process after the other', async (t) => {
  const { door, told } = await openDoor(t);
  for (const name of ['a', 'b', 'c']) door.add(saying(name));
  const names: string[] = [];
  for (let at = 0; at < 7; at++) names.push(await told());
  assert.deepEqual(names, ['a', 'b', 'c', 'a', 'b', 'c', 'a']);
});

test('a process that is gone is passed over, and one that comes back has its turn', async (t) => {
  const { door, told } = await openDoor(t);
  const [a, b] = [saying('a'), saying('b')];
  door.add(a);
  door.add(b);
  door.remove(a);
  assert.deepEqual([await told(), await told()], ['b', 'b']);
  door.add(a);
  assert.deepEqual([await told(), await told()].toSorted(), ['a', 'b']);
});

test('while no process is there a connection is closed at once', async (t) => {
  const { told } = await openDoor(t);
  assert.equal(await told(), '');
});
