import { MemoryNetwork } from '@duramesh/bus';
import { onePartition, type PartitionsOf } from '@duramesh/contracts';
import { MemoryDatabase, openMemoryStore } from '@duramesh/persistence/memory';
import { MemoryPeerNetwork } from '@duramesh/membership/memory';
import { ensureNamespaces } from '@duramesh/frontend';
import { Dice, type Ids, type Logger, randomIds, seededRandom } from '@duramesh/runtime';
import { silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { readStored } from './checks/check-stored.ts';
import { checkWorld } from './checks/check-world.ts';
import { openTwice, unfinished } from './checks/runs.ts';
import { SimClient } from './client/sim-client.ts';
import { Cuts } from './cuts.ts';
import { drawFaultRates, type FaultRates, Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { Mix } from './mix.ts';
import { drawPlan, withMore, withOthers, withUpdates } from './plan/draw-plan.ts';
import { drawLife, isReset, withOperations } from './plan/life.ts';
import { STEP } from './plan/workflow-plan.ts';
import { type Role, SimProcess } from './process.ts';
import { Trace } from './trace.ts';
import { PLAIN, RICH } from './worker/manners.ts';
import { SimWorker } from './worker/sim-worker.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Faults to use instead of those the seed draws. */
  readonly rates?: FaultRates;
  /** Keep what happened, line by line. */
  readonly keepTrace?: boolean;
  readonly logger?: Logger;
}

export interface SimulationReport {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Over every message: equal for equal seeds. */
  readonly hash: number;
  readonly messages: number;
  readonly workflows: number;
  readonly virtualMs: number;
  readonly rates: FaultRates;
  readonly trace: readonly string[];
  readonly mix: Mix;
}

const FACTS = { clusterId: 'simulation', clusterName: 'simulation', historyShards: 4, matchingSlots: 2 };
const TASK_QUEUE = 'simulated';
/** Cuts are drawn apart from everything else. */
const CUTS_SALT = 0x6d657368;
/** Of the task queues of every fourth seed. */
const SPLIT = { write: 3, read: 3 };
/** Faults happen this long; then the world heals and everything must come to its end. */
const SAFETY_MS = 60_000;
const LIVENESS_MS = 20 * 60_000;
/** Members have agreed after this long, and then nothing moves for as long as one looks. */
const SETTLE_MS = 60_000;
const STILL_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** temporal.api.enums.v1.IndexedValueType */
const INT = 3;

const partitionsFor = (seed: number): PartitionsOf => (seed % 4 === 3 ? () => SPLIT : onePartition);

/** What there is in the world of a seed. */
interface World {
  readonly hasOthers: boolean;
  readonly hasUpdates: boolean;
  readonly hasMore: boolean;
}

/** Seeds that found bugs before there was all this can be divided by four: those play as they did. */
const worldOf = (seed: number): World => ({
  hasOthers: seed % 2 === 1,
  hasUpdates: seed % 8 >= 4,
  hasMore: seed % 4 !== 0,
});

/** Plays one seed: the real services on virtual time, bus and store, under faults, then in peace. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const clock = new VirtualClock();
  const random = seededRandom(options.seed);
  const dice = new Dice(random);
  const rates = options.rates ?? drawFaultRates(dice);
  const trace = new Trace(clock, options.keepTrace ?? false);
  const ledger = new Ledger();
  const faults = new Faults(rates, dice, clock);
  const network = new MemoryNetwork({ clock, faults: faults.bus() });
  const database = new MemoryDatabase();
  const logger = options.logger ?? silentLogger;
  const ids = randomIds(random);
  await createNamespace(database, { clock, ids });
  const mix = new Mix();
  const world = worldOf(options.seed);
  const cuts = new Cuts({ clock, rates, dice: new Dice(seededRandom(options.seed ^ CUTS_SALT)) });
  const peers = world.hasMore ? new MemoryPeerNetwork({ clock, faults: cuts }) : undefined;
  const cluster = { facts: FACTS, partitionsOf: partitionsFor(options.seed), network, peers, database };
  const surroundings = { ...cluster, clock, faults, dice, trace, mix, logger };
  const count = { frontend: 2, history: dice.between(1, 2), matching: dice.between(1, 2) };
  const processes = (Object.keys(count) as Role[]).flatMap((role) =>
    Array.from({ length: count[role] }, (_, i) => new SimProcess(role, i, surroundings)),
  );
  for (const process of processes) process.start();
  const frontends = processes.filter(({ role }) => role === 'frontend');
  const manners = world.hasMore ? RICH : PLAIN;
  const people = { clock, dice, ids, ledger, faults, mix, manners, frontends, taskQueue: TASK_QUEUE };
  const workers = Array.from({ length: dice.between(1, 3) }, (_, i) => new SimWorker(i, people));
  for (const worker of workers) worker.start();
  const lives = liveWorkflows(new SimClient(people), dice, world);
  let isAcknowledged = false;
  void Promise.allSettled(lives).then(() => (isAcknowledged = true));

  if (rates.crash > 0) scheduleCrashes(clock, dice, processes);
  if (peers !== undefined) cuts.begin(processes, SAFETY_MS);
  await watch(clock, database, ledger);
  faults.heal();
  cuts.heal();
  for (const process of processes) if (!process.isUp) process.start();
  const left = await comeToRest({ clock, database, ledger, isAcknowledged: () => isAcknowledged });
  if (left.length > 0)
    ledger.violation(`not finished ${LIVENESS_MS / 60_000} minutes after all faults ended: ${left.join(', ')}`);
  for (const worker of workers) worker.stop();
  if (peers !== undefined) await checkOwners(clock, { database, ledger, processes });
  const violations = violationsOf(database, ledger, mix);
  for (const process of processes) process.crash();
  const { hash, messages, lines } = trace;
  return {
    seed: options.seed,
    violations,
    hash,
    messages,
    workflows: lives.length,
    virtualMs: clock.monotonicMs(),
    rates,
    trace: lines,
    mix,
  };
}

async function createNamespace(
  database: MemoryDatabase,
  { clock, ids }: { readonly clock: VirtualClock; readonly ids: Ids },
): Promise<void> {
  const { namespaces } = openMemoryStore({ clock, database });
  await ensureNamespaces(namespaces, [{ name: 'default', searchAttributes: { [STEP]: INT } }], { clock, ids });
}

function violationsOf(database: MemoryDatabase, ledger: Ledger, mix: Mix): readonly string[] {
  const stored = readStored(database);
  for (const { events } of stored.runs) for (const { eventType = 0 } of events) mix.events.add(eventType);
  return [...ledger.violations, ...checkWorld(database, stored, ledger)];
}

/**
 * In peace each partition is served by one process, and nobody takes a lease: members that do not agree who lives serve it
 * twice, or take it from each other for ever.
 */
async function checkOwners(
  clock: VirtualClock,
  { database, ledger, processes }: Pick<Healed, 'database' | 'ledger'> & { readonly processes: readonly SimProcess[] },
): Promise<void> {
  await clock.advance(SETTLE_MS);
  for (const [role, partitions] of [
    ['history', FACTS.historyShards],
    ['matching', FACTS.matchingSlots],
  ] as const) {
    const owned = processes.filter((process) => process.role === role).map((process) => process.owned);
    const served = owned.reduce((sum, count) => sum + count, 0);
    if (served !== partitions)
      ledger.violation(`${partitions} partitions of ${role} are served ${owned.join(' + ')} times`);
  }
  const before = new Map(database.rangeIds);
  await clock.advance(STILL_MS);
  for (const [name, rangeId] of database.rangeIds) {
    const was = before.get(name) ?? 0;
    if (rangeId !== was) ledger.violation(`the lease of ${name} went from ${was} to ${rangeId} in peace`);
  }
}

/** Begins the lives of some workflows, as clients live them through. */
function liveWorkflows(client: SimClient, dice: Dice, world: World): readonly Promise<void>[] {
  const names = Array.from({ length: dice.between(2, 6) }, (_, i) => `workflow-${i}`);
  return names.map((workflowId) => {
    const alone = drawPlan(dice, TASK_QUEUE);
    const others = names.filter((other) => other !== workflowId);
    const life = drawLife(dice);
    const meddling = world.hasOthers ? withOthers(alone, dice, { others, isReset: isReset(life) }) : alone;
    const rich = world.hasMore ? withMore(meddling, dice) : meddling;
    const plan = world.hasUpdates ? withUpdates(rich, dice) : rich;
    return client.run(workflowId, plan, world.hasMore ? withOperations(life, dice, plan) : life);
  });
}

function scheduleCrashes(clock: VirtualClock, dice: Dice, processes: readonly SimProcess[]): void {
  for (let i = dice.between(1, 4); i > 0; i--) {
    const process = dice.pick(processes);
    const atMs = dice.below(SAFETY_MS - 10_000);
    clock.schedule(atMs, () => process.crash());
    clock.schedule(atMs + dice.between(10, 8_000), () => {
      if (!process.isUp) process.start();
    });
  }
}

/** Lets the world run while faults happen, and looks on. */
async function watch(clock: VirtualClock, database: MemoryDatabase, ledger: Ledger): Promise<void> {
  for (let ms = 0; ms < SAFETY_MS; ms += LOOK_EVERY_MS) {
    await clock.advance(LOOK_EVERY_MS);
    lookAt(database, ledger);
  }
}

/** What must hold at every moment. */
function lookAt(database: MemoryDatabase, ledger: Ledger): void {
  for (const workflowId of openTwice(database)) ledger.violation(`${workflowId}: more than one of its runs is open`);
}

interface Healed {
  readonly clock: VirtualClock;
  readonly database: MemoryDatabase;
  readonly ledger: Ledger;
  /** Whether clients have been answered all that they asked for. */
  readonly isAcknowledged: () => boolean;
}

/** Lets the healed world run until every workflow has ended and every client is content; answers those that are not. */
async function comeToRest({ clock, database, ledger, isAcknowledged }: Healed): Promise<readonly string[]> {
  const untilMs = clock.now() + LIVENESS_MS;
  const left = (): readonly string[] => [...unfinished(database), ...(isAcknowledged() ? [] : ['clients'])];
  while (left().length > 0 && clock.now() < untilMs) {
    await clock.advance(LOOK_EVERY_MS);
    lookAt(database, ledger);
  }
  return left();
}
