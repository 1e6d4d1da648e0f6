import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';
import type { Member } from '@duramesh/persistence';
import { PeerFrame } from '@duramesh/proto';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { MetricsRegistry, silentLogger } from '@duramesh/telemetry';
import { helloOf } from '../peers/introduction.ts';
import { Peers } from '../peers/peers.ts';
import { framed, FrameReader, MAX_FRAME_BYTES } from './frame-reader.ts';
import { TcpPeers } from './tcp-peers.ts';

const FACTS = { clusterId: 'id', clusterName: 'test', historyShards: 4, matchingSlots: 2 };
const WITHIN_MS = 5_000;

async function until(probe: () => boolean, what: string): Promise<void> {
  for (const from = performance.now(); !probe(); await pause(5)) {
    if (performance.now() - from > WITHIN_MS) assert.fail(`not in time: ${what}`);
  }
}

class Side {
  readonly metrics = new MetricsRegistry();
  readonly lines: string[] = [];
  readonly peers: Peers;
  readonly memberId: string;
  port = 0;

  constructor(memberId: string) {
    this.memberId = memberId;
    const say = (_: object, message: string): void => void this.lines.push(message);
    this.peers = new Peers({
      service: 'history',
      memberId,
      facts: FACTS,
      transport: new TcpPeers({ host: '127.0.0.1', port: 0 }),
      clock: systemClock,
      random: systemRandom,
      logger: { ...silentLogger, warn: say },
      metrics: this.metrics,
      onChange: () => undefined,
      onStoodStill: () => undefined,
    });
  }

  get member(): Member {
    return { service: 'history', memberId: this.memberId, address: `127.0.0.1:1/${this.port}` };
  }

  refused(reason: string): boolean {
    return new RegExp(`membership_refused.*reason="${reason}".* [1-9]`).test(this.metrics.expose());
  }
}

async function side(t: TestContext, memberId: string): Promise<Side> {
  const it = new Side(memberId);
  it.port = await it.peers.listen();
  t.after(() => it.peers.stop());
  return it;
}

/** A connection of somebody who may say anything. */
async function knock({ port }: Side, ...pieces: readonly Uint8Array[]): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  return socket;
}

const helloFrom = (memberId: string): Buffer =>
  framed(PeerFrame.create({ hello: helloOf({ facts: FACTS, service: 'history', memberId, incarnation: '1' }) }));

test('a member whose process ended is gone within a second, and back when another takes its place', async (t) => {
  const a = await side(t, 'a');
  const b = new Side('b');
  b.port = await b.peers.listen();
  await a.peers.join([b.member]);
  assert.equal(a.peers.isGone('b'), false);
  const endedAt = performance.now();
  await b.peers.stop();
  await until(() => a.peers.isGone('b'), 'b is gone');
  assert.ok(performance.now() - endedAt < 1_000);
});

test('a member that says that it leaves is gone at once', async (t) => {
  const [a, b] = [await side(t, 'a'), await side(t, 'b')];
  await a.peers.join([b.member]);
  b.peers.leave();
  await until(() => a.peers.isGone('b'), 'b is gone');
});

for (const [what, reason, pieces] of [
  ['garbage', 'malformed', [Buffer.from([0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff])]],
  ['a frame that is no hello', 'malformed', [framed(PeerFrame.create({ beat: {} }))]],
  ['a request of another protocol', 'oversize', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ['a frame larger than any', 'oversize', [Buffer.from([0, 1, 0, 0])]],
] as const) {
  test(`a connection that brings ${what} is ended and counted, and the next one is served`, async (t) => {
    const a = await side(t, 'a');
    const socket = await knock(a, ...pieces);
    if (!socket.closed) await once(socket.resume(), 'close');
    await until(() => a.refused(reason), 'it is counted');
    assert.equal(a.lines.length, 1, a.lines.join('\n'));
    const b = await side(t, 'b');
    await b.peers.join([a.member]);
    assert.equal(b.peers.isGone('a'), false);
  });
}

test('a connection that breaks off in the middle of a frame is counted', async (t) => {
  const a = await side(t, 'a');
  const socket = await knock(a, helloFrom('x').subarray(0, 20));
  socket.end();
  await until(() => a.refused('truncated'), 'it is counted');
});

test('a connection that says nothing is closed, and so is one to somebody who never answers', async (t) => {
  const a = await side(t, 'a');
  const mute = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  t.after(() => mute.close());
  const { port } = mute.address() as net.AddressInfo;
  const socket = await knock(a);
  a.peers.watch([{ service: 'history', memberId: 'mute', address: `127.0.0.1:1/${port}` }]);
  await once(socket.resume(), 'close');
  await until(
    () => a.lines.some((line) => line.startsWith('a member accepts the connection and says nothing')),
    'said',
  );
  await until(() => a.peers.isGone('mute'), 'nobody hears it');
  assert.ok(a.refused('silent'));
});

test('a frame that comes byte by byte, or many in one piece, is read as it was sent', () => {
  const frames = [1, 2, 3].map((questionId) => PeerFrame.create({ question: { questionId, memberId: 'm' } }));
  const bytes = Buffer.concat(frames.map(framed));
  for (const size of [1, 7, bytes.length]) {
    const reader = new FrameReader();
    const seen: (number | undefined)[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      const fault = reader.read(bytes.subarray(at, at + size), ({ question }) => seen.push(question?.questionId));
      assert.equal(fault, undefined);
    }
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(reader.isAmidst, false);
  }
  const huge = Buffer.alloc(4);
  huge.writeUInt32BE(MAX_FRAME_BYTES + 1);
  assert.equal(
    new FrameReader().read(huge, () => undefined),
    'oversize',
  );
});
