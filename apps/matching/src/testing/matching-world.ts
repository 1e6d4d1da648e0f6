import { createClient, MemoryBus, MemoryNetwork } from '@duramesh/bus';
import {
  type Client,
  type MatchingContract,
  matchingContract,
  onePartition,
  type PartitionsOf,
} from '@duramesh/contracts';
import { MemoryDatabase, type MemoryStoreFaults, noFaults, openMemoryStore } from '@duramesh/persistence/memory';
import { OfferOutcome, type PollTaskReply, PollTaskRequest, type TaskQueuePartition, TaskRef } from '@duramesh/proto';
import { type Logger, type Metrics, randomIds, seededRandom } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import type { MatchingLimits } from '../limits.ts';
import { type Matching, startMatching } from '../start-matching.ts';

const SLOTS = 4;
const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
const unmeasured: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};

export const normalQueue: TaskQueuePartition = {
  namespaceId: 'ns',
  name: 'queue',
  type: 1,
  kind: 1,
  partition: 0,
  normalName: '',
};
/** Another partition of the same queue. */
export const partition = (at: number): TaskQueuePartition => ({ ...normalQueue, partition: at });
export const activityQueue: TaskQueuePartition = { ...normalQueue, type: 2 };
export const stickyQueue: TaskQueuePartition = { ...normalQueue, name: 'host:sticky', kind: 2, normalName: 'queue' };

/** Matching processes over one database and one network, and the calls frontends and history make to them. */
export class MatchingWorld {
  readonly clock = new VirtualClock();
  readonly database = new MemoryDatabase();
  readonly network = new MemoryNetwork({ clock: this.clock });
  readonly store = openMemoryStore({ clock: this.clock, database: this.database });
  readonly client: Client<MatchingContract>;
  readonly #limits: Partial<MatchingLimits>;
  readonly #partitionsOf: PartitionsOf;
  #pollers = 0;
  #tasks = 0;

  constructor(limits: Partial<MatchingLimits> = {}, partitionsOf: PartitionsOf = onePartition) {
    const { clock, network } = this;
    this.#limits = limits;
    this.#partitionsOf = partitionsOf;
    const bus = new MemoryBus({ clock, network });
    const random = seededRandom(7);
    this.client = createClient(bus, matchingContract, { partitions: SLOTS, clock, random, caller: 'test' });
  }

  /** A process of matching; `crash` is kill -9. */
  async start(memberId = 'a', faults: Partial<MemoryStoreFaults> = {}): Promise<Matching & { crash(): void }> {
    const { clock, database, network } = this;
    let isDead = false;
    const isDown = (): boolean => isDead || (faults.isDown?.() ?? false);
    const bus = new MemoryBus({ clock, network });
    const matching = await startMatching({
      store: openMemoryStore({ clock, database, faults: { ...noFaults, ...faults, isDown } }),
      bus,
      clock,
      random: seededRandom(1),
      ids: randomIds(seededRandom(2)),
      logger: quiet,
      metrics: unmeasured,
      member: { memberId, address: '127.0.0.1:6935' },
      facts: { matchingSlots: SLOTS, historyShards: 1 },
      partitionsOf: this.#partitionsOf,
      limits: this.#limits,
    });
    const crash = (): void => {
      isDead = true;
      bus.crash();
    };
    return { ...matching, stop: () => matching.stop(), crash };
  }

  task(fields: Partial<TaskRef> = {}): TaskRef {
    this.#tasks += 1;
    const workflowId = `workflow-${this.#tasks}`;
    return TaskRef.create({ workflowId, runId: `run-${this.#tasks}`, createdMs: this.clock.now(), ...fields });
  }

  /** What history is told: whether the task was stored. */
  async add(fields: Partial<TaskRef> = {}, queue = normalQueue): Promise<boolean> {
    const { stored } = await this.client.addTask({ queue, task: this.task(fields) });
    return stored;
  }

  poll(fields: Partial<PollTaskRequest> = {}, queue = normalQueue): Promise<PollTaskReply> {
    this.#pollers += 1;
    const pollerId = `poller-${this.#pollers}`;
    const request = PollTaskRequest.create({ queue, pollerId, identity: 'worker', waitMs: 60_000, ...fields });
    return this.client.pollTask(request, { timeoutMs: request.waitMs + 5_000 });
  }

  async resolve(reply: PollTaskReply, outcome: number, queue = normalQueue): Promise<void> {
    await this.client.resolveOffers({ queue, answers: [{ offerId: reply.task?.offerId ?? '', outcome }] });
  }

  started(reply: PollTaskReply, queue = normalQueue): Promise<void> {
    return this.resolve(reply, OfferOutcome.OFFER_OUTCOME_STARTED, queue);
  }

  returned(reply: PollTaskReply, queue = normalQueue): Promise<void> {
    return this.resolve(reply, OfferOutcome.OFFER_OUTCOME_RETURNED, queue);
  }

  /** Polls and starts tasks until the queue is empty; their workflow ids in the order they came. */
  async drain(queue = normalQueue): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const reply = await this.clock.runUntil(this.poll({ waitMs: 200 }, queue));
      if (reply.task === undefined) return seen;
      seen.push(reply.task.task?.workflowId ?? '');
      await this.started(reply, queue);
    }
  }

  /** Stores one task after the other. */
  async addAll(tasks: readonly Partial<TaskRef>[], queue = normalQueue): Promise<void> {
    await this.clock.runUntil(Promise.all(tasks.map((fields) => this.add(fields, queue))));
  }

  /** Takes and starts so many tasks, without waiting for any; their workflow ids. */
  async take(count: number, queue = normalQueue): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const reply = await this.clock.runUntil(this.poll({ waitMs: 0 }, queue));
      if (reply.task === undefined) break;
      seen.push(reply.task.task?.workflowId ?? '');
      await this.started(reply, queue);
    }
    return seen;
  }

  /** Rows in the stored backlogs of all queues. */
  get storedTasks(): number {
    let count = 0;
    for (const backlog of this.database.backlogs.values()) count += backlog.byId.size;
    return count;
  }
}

/** A world with one process of matching. */
export async function startedWorld(limits?: Partial<MatchingLimits>): Promise<MatchingWorld> {
  const world = new MatchingWorld(limits);
  await world.start();
  return world;
}

/** The workflow a poll got a task of. */
export const workflowOf = (reply: PollTaskReply): string | undefined => reply.task?.task?.workflowId;
