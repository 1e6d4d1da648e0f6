import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryBus, MemoryNetwork } from '@duramesh/bus';
import type { ClusterFacts } from '@duramesh/persistence';
import { MemoryDatabase, openMemoryStore } from '@duramesh/persistence/memory';
import { type Logger, seededRandom } from '@duramesh/runtime';
import { MetricsRegistry, silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { MemoryPeerNetwork } from './memory/memory-peer-network.ts';
import { PartitionController } from './partition-controller.ts';
import { MembershipRefused } from './peers/peers.ts';

const PARTITIONS = 16;
const FACTS: ClusterFacts = { clusterId: 'id', clusterName: 'test', historyShards: 4, matchingSlots: PARTITIONS };

/** Processes with links between them, and ways to cut those. */
class World {
  readonly clock = new VirtualClock();
  readonly database = new MemoryDatabase();
  readonly cut = new Set<string>();
  readonly peers = new MemoryPeerNetwork({
    clock: this.clock,
    faults: { delayMs: () => 1, isCut: (from, to) => this.isCut(from, to) },
  });
  readonly bus: MemoryNetwork | undefined;

  constructor({ hasBus = true }: { readonly hasBus?: boolean } = {}) {
    // A process that is cut off answers nothing, however it is asked.
    const dropReply = (): boolean => this.frozen.size > 0;
    if (hasBus) this.bus = new MemoryNetwork({ clock: this.clock, faults: { dropReply } });
  }

  readonly frozen = new Set<string>();

  isCut(from: string, to: string): boolean {
    return [from, to].some((host) => this.frozen.has(host)) || this.cut.has([from, to].sort().join('|'));
  }

  async join(memberId: string, facts = FACTS): Promise<Process> {
    const process = new Process(this, memberId, facts);
    await this.clock.runUntil(process.controller.start());
    return process;
  }

  leases(): number {
    return [...this.database.rangeIds.values()].reduce((sum, rangeId) => sum + rangeId, 0);
  }
}

class Process {
  readonly memberId: string;
  readonly controller: PartitionController;
  readonly metrics = new MetricsRegistry();
  readonly log: string[] = [];
  readonly #transport;
  readonly #bus: MemoryBus | undefined;
  readonly #world: World;

  constructor(world: World, memberId: string, facts: ClusterFacts) {
    const { clock, database, bus, peers } = world;
    this.#world = world;
    this.memberId = memberId;
    this.#transport = peers.transport(memberId);
    this.#bus = bus && new MemoryBus({ clock, network: bus });
    const say = (_: object, message: string): void => void this.log.push(message);
    const logger: Logger = { ...silentLogger, warn: say, child: () => logger };
    this.controller = new PartitionController({
      service: 'matching',
      partitions: PARTITIONS,
      leaseStore: openMemoryStore({ clock, database }).leases,
      member: { memberId, address: `${memberId}:7235` },
      clock,
      random: seededRandom(memberId.length),
      logger,
      metrics: this.metrics,
      bus: this.#bus,
      links: { transport: this.#transport, facts },
      onAcquire: async () => ({ close: async () => undefined }),
    });
  }

  get owned(): number {
    return this.controller.ownedCount;
  }

  /** Stands still: nothing of it is heard. */
  freeze(): void {
    this.#world.frozen.add(this.memberId);
  }

  thaw(): void {
    this.#world.frozen.delete(this.memberId);
  }

  /** As kill -9, seen from outside. */
  async die(): Promise<void> {
    await this.#bus?.close();
    await this.#transport.close();
  }

  async loseBroker(): Promise<void> {
    await this.#bus?.close();
  }
}

async function pair(world = new World()): Promise<[World, Process, Process]> {
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(8_000);
  assert.equal(a.owned + b.owned, PARTITIONS);
  assert.ok(a.owned > 0 && b.owned > 0);
  return [world, a, b];
}

test('what a process served that was killed is served by the others within half a second', async () => {
  const [world, a, b] = await pair();
  await b.die();
  await world.clock.advance(500);
  assert.equal(a.owned, PARTITIONS);
});

test('what a process served that stands still is served by the others within five seconds', async () => {
  const [world, a, b] = await pair();
  b.freeze();
  await world.clock.advance(5_500);
  assert.equal(a.owned, PARTITIONS);
  b.thaw();
  await world.clock.advance(15_000);
  assert.ok(a.owned < PARTITIONS, 'what is back gets its share again');
});

test('a member that leaves hands over at once', async () => {
  const [world, a, b] = await pair();
  await world.clock.runUntil(b.controller.stop());
  await world.clock.advance(10);
  assert.equal(a.owned, PARTITIONS);
});

test('members that are cut from each other and hear each other over the bus take nothing from each other', async () => {
  const [world, a, b] = await pair();
  const before = world.leases();
  world.cut.add('a|b');
  await world.clock.advance(60_000);
  assert.equal(world.leases(), before);
  assert.equal(a.owned + b.owned, PARTITIONS);
  assert.ok(a.log.some((line) => line.includes('heard by others')));
});

test('without a bus a third member says whether one is there that another does not hear', async () => {
  const [world, a, b] = await pair(new World({ hasBus: false }));
  const c = await world.join('c');
  await world.clock.advance(20_000);
  const before = world.leases();
  world.cut.add('a|b');
  await world.clock.advance(60_000);
  assert.equal(world.leases(), before);
  assert.equal(a.owned + b.owned + c.owned, PARTITIONS);
});

test('a network that was cut in two heals by itself, and everything is served once', async () => {
  const [world, a, b] = await pair(new World({ hasBus: false }));
  world.cut.add('a|b');
  await world.clock.advance(8_000);
  assert.equal(a.owned, PARTITIONS, 'each takes the other for dead');
  world.cut.clear();
  await world.clock.advance(90_000);
  const before = world.leases();
  await world.clock.advance(60_000);
  assert.equal(a.owned + b.owned, PARTITIONS);
  assert.equal(world.leases(), before);
});

test('a process that has lost broker and links thinks nobody dead', async () => {
  const [world, a, b] = await pair();
  await a.loseBroker();
  world.cut.add('a|b');
  const before = a.owned;
  await world.clock.advance(10_000);
  assert.equal(a.owned, before);
  assert.ok(b.owned > 0);
});

test('a process that is killed and started again under the same name is back with its share', async () => {
  const [world, a, b] = await pair();
  const share = b.owned;
  await b.die();
  await world.clock.advance(1_000);
  const again = await world.join('b');
  await world.clock.advance(8_000);
  assert.equal(again.owned, share);
  assert.equal(a.owned, PARTITIONS - share);
});

for (const [what, facts, says] of [
  ['another number of shards', { ...FACTS, historyShards: 8 }, /counts 8 shards and a 4/],
  ['another number of matching slots', { ...FACTS, matchingSlots: 8 }, /counts 8 matching slots/],
] as const) {
  test(`a newcomer with ${what} does not start, says why, and writes nothing`, async () => {
    const world = new World();
    const a = await world.join('a');
    const before = world.leases();
    await assert.rejects(world.join('b', facts), (error) => {
      assert.ok(error instanceof MembershipRefused);
      assert.match(error.message, says);
      return true;
    });
    assert.equal(world.leases(), before);
    assert.deepEqual(
      [...world.database.members.values()].map(({ member }) => member.memberId),
      ['a'],
    );
    assert.match(a.metrics.expose(), /membership_refused.*reason="(?:shards|slots)".* 1/);
    assert.ok(a.log.some((line) => line.startsWith('refused a member: ')));
    await world.clock.advance(5_000);
    assert.equal(a.owned, PARTITIONS);
  });
}

test('where somebody of another cluster answers, both sides say so and nothing else happens', async () => {
  const world = new World();
  const stranger = await world.join('stranger', { ...FACTS, clusterName: 'other' });
  world.database.members.clear();
  const a = await world.join('a');
  world.database.members.set('matching\0b', {
    member: { service: 'matching', memberId: 'b', address: 'stranger:1/1' },
    expiresMs: world.clock.now() + 60_000,
  });
  await world.clock.advance(20_000);
  assert.ok(stranger.log.some((line) => /refused a member: it belongs to the cluster 'test'/.test(line)));
  assert.ok(a.log.some((line) => /a member refuses this process: .*--cluster-name/.test(line)));
  assert.match(a.metrics.expose(), /membership_refused.*reason="cluster"/);
});

test('members do nothing for each other when there is only one, and leave no timer behind', async () => {
  const world = new World();
  const a = await world.join('a');
  assert.equal(world.clock.pendingTimers, 1, 'the heartbeat of the store');
  const b = await world.join('b');
  await world.clock.advance(20_000);
  await world.clock.runUntil(b.controller.stop());
  await world.clock.runUntil(a.controller.stop());
  await world.clock.advance(10_000);
  assert.equal(world.clock.pendingTimers, 0);
});
