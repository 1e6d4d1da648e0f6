import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryBus, MemoryNetwork } from '@duramesh/bus';
import type { Lease, Store } from '@duramesh/persistence';
import { MemoryDatabase, noFaults, openMemoryStore } from '@duramesh/persistence/memory';
import { type Logger, type Metrics, seededRandom } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import { PartitionController } from './partition-controller.ts';

const PARTITIONS = 16;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
const unmeasured: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};

/** One process: its share, as it believes, with the lease of each partition. */
class Process {
  readonly leases = new Map<number, Lease>();
  readonly store: Store;
  readonly controller: PartitionController;
  isAway = false;
  isStuck = false;
  acquired = 0;
  #dead = false;

  constructor(world: World, memberId: string) {
    const { clock, database, network } = world;
    const isDown = (): boolean => this.isAway || this.#dead;
    this.store = openMemoryStore({ clock, database, faults: { ...noFaults, isDown } });
    this.controller = new PartitionController({
      service: 'matching',
      partitions: PARTITIONS,
      leaseStore: this.store.leases,
      member: { memberId, address: '127.0.0.1:6935' },
      clock,
      random: seededRandom(memberId.length),
      logger: { ...quiet, warn: (about, message) => void world.warnings.push(`${message} ${JSON.stringify(about)}`) },
      metrics: unmeasured,
      bus: network && new MemoryBus({ clock, network }),
      onAcquire: async (lease) => {
        world.events.push(`${memberId} opens ${lease.partition}`);
        this.acquired += 1;
        this.leases.set(lease.partition, lease);
        return {
          close: async () => {
            world.events.push(`${memberId} closes ${lease.partition}`);
            this.leases.delete(lease.partition);
            if (this.isStuck) await new Promise(() => undefined);
          },
        };
      },
    });
  }

  /** What a write under the lease would come to. */
  async isFenced(partition: number): Promise<boolean> {
    const lease = this.leases.get(partition);
    assert.ok(lease);
    return (await this.store.taskQueues.append(lease, 'queue', [])) === 'fenced';
  }

  /** As kill -9: nothing is handed over. */
  die(): void {
    this.#dead = true;
  }
}

class World {
  readonly clock = new VirtualClock();
  readonly database = new MemoryDatabase();
  /** Without one, members notice each other at their heartbeats only. */
  network: MemoryNetwork | undefined;
  readonly events: string[] = [];
  readonly warnings: string[] = [];

  process(memberId: string): Process {
    return new Process(this, memberId);
  }

  async join(memberId: string): Promise<Process> {
    const process = this.process(memberId);
    await process.controller.start();
    return process;
  }
}

/** Every partition is served by exactly one process, under a lease that is good. */
async function assertAllServedOnce(...processes: readonly Process[]): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const owners = processes.filter((process) => process.leases.has(partition));
    assert.equal(owners.length, 1, `owners of ${partition}`);
    assert.equal(await owners[0]?.isFenced(partition), false, `lease of ${partition}`);
  }
}

test('a lone member serves every partition once it has started', async () => {
  const world = new World();
  const a = await world.join('a');
  assert.equal(a.controller.ownedCount, PARTITIONS);
  await assertAllServedOnce(a);
});

test('a partition that was taken and let go again while nothing was written is taken back', async () => {
  const world = new World();
  const a = await world.join('a');
  const b = await world.join('b');
  await world.clock.advance(10_000);
  const [taken] = [...a.leases.keys()];
  assert.ok(taken !== undefined);
  await b.store.leases.acquire('matching', [taken], 'b');
  assert.equal(await a.isFenced(taken), true);
  const before = a.leases.get(taken);
  await world.clock.advance(10_000);
  assert.notEqual(a.leases.get(taken), before);
  await assertAllServedOnce(a, b);
});

test('partitions that are found to be taken at one time are told in one line', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(10_000);
  const taken = [...a.leases.keys()];
  await b.store.leases.acquire('matching', taken, 'b');
  await world.clock.advance(10_000);
  const line = { service: 'matching', count: taken.length, partitions: taken.slice(0, 10) };
  assert.deepEqual(world.warnings, [`newer owners took partitions ${JSON.stringify(line)}`]);
});

test('an idle member does one round trip in five seconds', async () => {
  const world = new World();
  const a = await world.join('a');
  const before = a.store.stats.statements;
  await world.clock.advance(60_000);
  assert.equal(a.store.stats.statements - before, 12);
  assert.equal(world.clock.pendingTimers, 1);
});

test('a member that joins gets its share and the other lets go of it at its next heartbeat', async () => {
  const world = new World();
  const a = await world.join('a');
  const b = await world.join('b');
  await world.clock.advance(5_000);
  assert.ok(a.leases.size > 0 && b.leases.size > 0);
  await assertAllServedOnce(a, b);
});

test('over a bus the old owner has closed a partition before the newcomer opens it, at once', async () => {
  const world = new World();
  world.network = new MemoryNetwork(world);
  const a = await world.join('a');
  const b = await world.join('b');
  await assertAllServedOnce(a, b);
  assert.ok(b.leases.size > 0);
  for (const partition of b.leases.keys()) {
    const [closed, opened] = [`a closes ${partition}`, `b opens ${partition}`].map((event) =>
      world.events.indexOf(event),
    );
    assert.ok(closed !== undefined && opened !== undefined && closed >= 0 && closed < opened);
  }
  await b.controller.stop();
  await assertAllServedOnce(a);
});

test('a peer that hears nothing does not keep a newcomer from starting', async () => {
  const world = new World();
  world.network = new MemoryNetwork({ clock: world.clock, faults: { dropRequest: () => true } });
  const a = await world.join('a');
  const b = await world.clock.runUntil(world.join('b'));
  await world.clock.advance(6_000);
  await assertAllServedOnce(a, b);
});

test('a member that leaves hands everything over', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(5_000);
  await b.controller.stop();
  assert.equal(b.leases.size, 0);
  await world.clock.advance(5_000);
  await assertAllServedOnce(a);
});

test('a member that leaves waits for what runs in its partitions for two seconds, no longer', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(5_000);
  b.isStuck = true;
  const leaving = b.controller.stop();
  await world.clock.advance(2_000);
  await leaving;
  await world.clock.advance(5_000);
  await assertAllServedOnce(a);
});

test('a member that was killed is replaced when its heartbeats are missed', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(5_000);
  b.die();
  await world.clock.advance(21_000);
  await assertAllServedOnce(a);
});

test('a restarted process is itself again and serves its partitions at once', async () => {
  const world = new World();
  const a = await world.join('a');
  a.die();
  const again = await world.join('a');
  await assertAllServedOnce(again);
});

test('an owner fenced by a newcomer steps down and does not fight for the partition', async () => {
  const world = new World();
  const a = await world.join('a');
  const b = await world.join('b');
  const partition = [...b.leases.keys()][0] ?? assert.fail('no share');
  assert.equal(await a.isFenced(partition), true);
  a.controller.lose(partition, a.leases.get(partition)?.rangeId ?? 0);
  await world.clock.settle();
  assert.equal(a.leases.has(partition), false);
  await world.clock.advance(120_000);
  await assertAllServedOnce(a, b);
  assert.equal(a.acquired, PARTITIONS);
});

test('an owner fenced by nobody who lives takes the partition again', async () => {
  const world = new World();
  const a = await world.join('a');
  await world.process('ghost').store.leases.acquire('matching', [3], 'ghost');
  a.controller.lose(3, a.leases.get(3)?.rangeId ?? 0);
  await world.clock.advance(1_000);
  await assertAllServedOnce(a);
});

test('two processes that both believe they are alone take a partition from each other ever more rarely', async () => {
  const world = new World();
  const a = await world.join('same');
  const twin = await world.join('same');
  for (let second = 0; second < 600; second++) {
    for (const process of [a, twin]) {
      const lease = process.leases.get(0);
      if (lease && (await process.isFenced(0))) process.controller.lose(0, lease.rangeId);
    }
    await world.clock.advance(1_000);
  }
  assert.ok(a.acquired + twin.acquired < 2 * PARTITIONS + 60, `${a.acquired + twin.acquired} acquisitions`);
});

test('a stale report of a fenced write does not cost the renewed lease', async () => {
  const world = new World();
  const a = await world.join('a');
  const old = a.leases.get(5)?.rangeId ?? 0;
  const renewed = await a.controller.renew(5, old);
  assert.equal(renewed?.rangeId, old + 1);
  a.controller.lose(5, old);
  assert.equal(a.controller.state(5).kind, 'owned');
});

test('renewals that are asked for together are one statement and one new range each', async () => {
  const world = new World();
  const a = await world.join('a');
  const before = a.store.stats.statements;
  const asked = [1, 2, 3, 1, 2].map((partition) =>
    a.controller.renew(partition, a.leases.get(partition)?.rangeId ?? 0),
  );
  const renewed = await Promise.all(asked);
  assert.deepEqual(
    renewed.map((lease) => lease?.rangeId),
    [2, 2, 2, 2, 2],
  );
  assert.equal(a.store.stats.statements - before, 2, 'a look at the members and the leases');
});

test('a renewal does not take the partition back from a newcomer that should have it', async () => {
  const world = new World();
  const a = await world.join('a');
  const b = await world.join('b');
  const partition = [...b.leases.keys()][0] ?? assert.fail('no share');
  assert.equal(await a.controller.renew(partition, a.leases.get(partition)?.rangeId ?? 0), undefined);
  assert.equal(await b.isFenced(partition), false);
  await world.clock.settle();
  assert.equal(a.leases.has(partition), false);
});

test('nobody loses a partition when the store is away for a minute, and renewals succeed when it is back', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(5_000);
  const partition = [...a.leases.keys()][0] ?? assert.fail('no share');
  a.isAway = b.isAway = true;
  const renewal = a.controller.renew(partition, a.leases.get(partition)?.rangeId ?? 0);
  await world.clock.advance(60_000);
  assert.equal(a.leases.size + b.leases.size, PARTITIONS);
  a.isAway = b.isAway = false;
  await world.clock.advance(12_000);
  await renewal;
  assert.ok(a.leases.size < PARTITIONS && b.leases.size < PARTITIONS);
});

test('a member that was paused steps down from what others serve and takes its share again', async () => {
  const world = new World();
  const [a, b] = [await world.join('a'), await world.join('b')];
  await world.clock.advance(5_000);
  b.isAway = true;
  await world.clock.advance(30_000);
  assert.equal(a.leases.size, PARTITIONS);
  b.isAway = false;
  await world.clock.advance(10_000);
  await assertAllServedOnce(a, b);
  assert.ok(b.leases.size > 0);
});

test('a partition that cannot be loaded is tried again', async () => {
  const { clock, database } = new World();
  const store = openMemoryStore({ clock, database });
  let tries = 0;
  const controller = new PartitionController({
    service: 'history',
    partitions: 1,
    leaseStore: store.leases,
    member: { memberId: 'a', address: '' },
    clock,
    random: seededRandom(1),
    logger: quiet,
    metrics: unmeasured,
    onAcquire: async () => {
      tries += 1;
      if (tries < 3) throw new Error('cannot read');
      return { close: async () => undefined };
    },
  });
  await controller.start();
  await clock.advance(5_000);
  assert.equal(tries, 3);
  assert.equal(controller.ownedCount, 1);
});

test('many partitions are asked for in batches, and those that have come are served before the next are asked for', async () => {
  const { clock, database } = new World();
  const { leases } = openMemoryStore({ clock, database });
  const events: string[] = [];
  const controller = new PartitionController({
    service: 'history',
    partitions: 600,
    leaseStore: {
      heartbeat: (member, ttlMs) => leases.heartbeat(member, ttlMs),
      leave: (member) => leases.leave(member),
      readMembers: () => leases.readMembers(),
      readHolders: (kind) => leases.readHolders(kind),
      readRangeIds: (kind, partitions) => leases.readRangeIds(kind, partitions),
      acquire: (kind, partitions, memberId) => {
        events.push(`asks for ${partitions.length}`);
        return leases.acquire(kind, partitions, memberId);
      },
    },
    member: { memberId: 'a', address: '' },
    clock,
    random: seededRandom(1),
    logger: quiet,
    metrics: unmeasured,
    onAcquire: async ({ partition }) => {
      if (partition % 256 === 0) events.push(`serves ${partition}`);
      return { close: async () => undefined };
    },
  });
  await controller.start();
  assert.deepEqual(events, ['asks for 256', 'serves 0', 'asks for 256', 'serves 256', 'asks for 88', 'serves 512']);
  assert.equal(controller.ownedCount, 600);
});

test('a stopped controller leaves no timer behind and serves nothing', async () => {
  const world = new World();
  const a = await world.join('a');
  await a.controller.stop();
  assert.equal(a.controller.ownedCount, 0);
  assert.equal(world.clock.pendingTimers, 0);
  assert.equal(world.database.members.size, 0);
});

test('operators are told the leases of a process, since when, and whom it takes for alive', async () => {
  const world = new World();
  const a = await world.join('a');
  const before = world.clock.now();
  await world.clock.advance(1_000);
  assert.equal(a.controller.view().partitions.length, PARTITIONS);
  const b = await world.join('b');
  await world.clock.advance(5_000);
  const { membership, partitions } = a.controller.view();
  assert.deepEqual(
    membership.members.map(({ memberId }) => memberId),
    ['a', 'b'],
  );
  assert.equal(partitions.length + b.controller.view().partitions.length, PARTITIONS);
  for (const { partition, state, rangeId, sinceMs } of partitions) {
    assert.deepEqual([state, sinceMs], ['owned', before]);
    assert.equal(rangeId, a.leases.get(partition)?.rangeId);
  }
});
