import { MemoryNetwork } from '@duramesh/bus';
import { onePartition, type PartitionsOf } from '@duramesh/contracts';
import { MemoryDatabase, openMemoryStore } from '@duramesh/persistence/memory';
import { ensureNamespaces } from '@duramesh/frontend';
import { type Logger, randomIds, seededRandom } from '@duramesh/runtime';
import { silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { checkWorld, openTwice, unfinished } from './checks.ts';
import { Dice } from './dice.ts';
import { drawPlan, withOthers, withUpdates } from './draw-plan.ts';
import { drawFaultRates, type FaultRates, Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { type Role, SimProcess } from './process.ts';
import { type LifeOptions, SimClient } from './sim-client.ts';
import { SimWorker } from './sim-worker.ts';
import { Trace } from './trace.ts';

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
}

const FACTS = { clusterId: 'simulation', historyShards: 4, matchingSlots: 2 };
const TASK_QUEUE = 'simulated';
/** Of the task queues of every fourth seed. */
const SPLIT = { write: 3, read: 3 };
/** Faults happen this long; then the world heals and everything must come to its end. */
const SAFETY_MS = 60_000;
const LIVENESS_MS = 20 * 60_000;
const LOOK_EVERY_MS = 1_000;

const partitionsFor = (seed: number): PartitionsOf => (seed % 4 === 3 ? () => SPLIT : onePartition);

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
  const setup = openMemoryStore({ clock, database });
  await ensureNamespaces(setup.namespaces, [{ name: 'default' }], { clock, ids });

  const cluster = { facts: FACTS, partitionsOf: partitionsFor(options.seed), network, database };
  const surroundings = { ...cluster, clock, faults, dice, trace, logger };
  const count = { frontend: 2, history: dice.between(1, 2), matching: dice.between(1, 2) };
  const processes = (Object.keys(count) as Role[]).flatMap((role) =>
    Array.from({ length: count[role] }, (_, i) => new SimProcess(role, i, surroundings)),
  );
  for (const process of processes) process.start();
  const frontends = processes.filter(({ role }) => role === 'frontend');
  const people = { clock, dice, ids, ledger, faults, frontends, taskQueue: TASK_QUEUE };
  const workers = Array.from({ length: dice.between(1, 3) }, (_, i) => new SimWorker(i, people));
  for (const worker of workers) worker.start();
  // Seeds that found bugs before workflows had others to do with were even: those play as they did.
  const world = { hasOthers: options.seed % 2 === 1, hasUpdates: options.seed % 8 >= 4 };
  const lives = liveWorkflows(new SimClient(people), dice, world);
  const acknowledged = Promise.allSettled(lives);

  if (rates.crash > 0) scheduleCrashes(clock, dice, processes);
  await watch(clock, database, ledger);
  faults.heal();
  for (const process of processes) if (!process.isUp) process.start();
  const left = await comeToRest(clock, database, ledger);
  if (left.length > 0)
    ledger.violation(`not finished ${LIVENESS_MS / 60_000} minutes after all faults ended: ${left.join(', ')}`);
  else await clock.runUntil(acknowledged);
  for (const worker of workers) worker.stop();
  const violations = [...ledger.violations, ...checkWorld(database, ledger)];
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
  };
}

/** Begins the lives of some workflows, as clients live them through. */
function liveWorkflows(
  client: SimClient,
  dice: Dice,
  { hasOthers, hasUpdates }: { readonly hasOthers: boolean; readonly hasUpdates: boolean },
): readonly Promise<void>[] {
  const names = Array.from({ length: dice.between(2, 6) }, (_, i) => `workflow-${i}`);
  return names.map((workflowId) => {
    const alone = drawPlan(dice, TASK_QUEUE);
    const others = names.filter((other) => other !== workflowId);
    const life = drawLife(dice);
    const isReset = life.resetAfterMs !== undefined;
    const meddling = hasOthers ? withOthers(alone, dice, { others, isReset }) : alone;
    const plan = hasUpdates ? withUpdates(meddling, dice) : meddling;
    return client.run(workflowId, plan, life);
  });
}

/** One that was canceled is not reset: it could wait for a signal that found it closed. */
function drawLife(dice: Dice): LifeOptions {
  if (dice.happens(0.15)) return { cancelAfterMs: dice.below(20_000) };
  return dice.happens(0.25) ? { resetAfterMs: dice.below(40_000) } : {};
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

/** Lets the healed world run until every workflow has ended; answers those that have not. */
async function comeToRest(clock: VirtualClock, database: MemoryDatabase, ledger: Ledger): Promise<readonly string[]> {
  const untilMs = clock.now() + LIVENESS_MS;
  let left = unfinished(database);
  while (left.length > 0 && clock.now() < untilMs) {
    await clock.advance(LOOK_EVERY_MS);
    lookAt(database, ledger);
    left = unfinished(database);
  }
  return left;
}
