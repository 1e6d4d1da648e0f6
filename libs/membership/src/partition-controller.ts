import { type Bus, settledWithin } from '@duramesh/bus';
import type { Lease, LeaseKind, LeaseStore } from '@duramesh/persistence';
import {
  backoffMs,
  type BackoffPolicy,
  type Clock,
  type Counter,
  type Gauge,
  type Logger,
  type Metrics,
  type Random,
  type Timer,
  type TimestampMs,
} from '@duramesh/runtime';
import { LeaseRenewals } from './lease-renewals.ts';
import { type MemberLinks, Membership, type MembershipView } from './membership.ts';
import type { PartitionOwner, PartitionState } from './partition-state.ts';
import { type PartitionFacts, PartitionTable } from './partition-table.ts';
import { rendezvousOwner } from './rendezvous.ts';

/** Two processes that cannot agree must not take a partition from each other more often than this. */
const REST: BackoffPolicy = { initialMs: 200, coefficient: 2, maximumMs: 30_000 };
/** Partitions asked for in one statement: those that have come are served before the next are asked for. */
const BATCH = 256;
/** After the store failed. */
const RETRY_MS = 1_000;
/** Rests end together, so that many partitions wake this process once. */
const REST_STEP_MS = 250;
/** Losses further apart than this have nothing to do with each other. */
const LOSS_MEMORY_MS = 120_000;
/** What runs in a partition for longer is not waited for: its lease keeps it from writing, and everybody else waits for the rest. */
const CLOSED_WITHIN_MS = 2_000;
/** Of the partitions that were lost, in a line of the log. */
const NAMED = 10;

const FOREIGN: PartitionState = { kind: 'foreign' };
const ACQUIRING: PartitionState = { kind: 'acquiring' };

export interface PartitionControllerDeps {
  readonly service: LeaseKind;
  /** How many partitions there are in all; fixed for the life of a cluster. */
  readonly partitions: number;
  readonly leaseStore: LeaseStore;
  /** `memberId` stays the same across restarts, so that a restarted process is itself again and takes over at once. */
  readonly member: { readonly memberId: string; readonly address: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Makes hand-overs quick; see {@link Membership}. */
  readonly bus?: Pick<Bus, 'request' | 'serve'> | undefined;
  /** Make it quick that a member which ended is noticed. */
  readonly links?: MemberLinks | undefined;
  /** Loads what is needed, then serves. Must be cheap: a lone member gets every partition at once. */
  readonly onAcquire: (lease: Lease) => Promise<PartitionOwner>;
}

/** What a controller knows, for operators. */
export interface PartitionsView {
  readonly membership: MembershipView;
  /** All but those of others. */
  readonly partitions: readonly PartitionFacts[];
}

/**
 * Decides which partitions this process serves: its rendezvous share among the living members, each under a lease.
 * While nothing changes it does one heartbeat every few seconds, and beside other members one look at its leases, however
 * many partitions there are.
 */
export class PartitionController {
  readonly #deps: PartitionControllerDeps;
  readonly #membership: Membership;
  readonly #renewals: LeaseRenewals;
  readonly #states: PartitionTable;
  /** Only partitions that were lost lately have an entry. */
  readonly #losses = new Map<number, { count: number; atMs: TimestampMs }>();
  /** Of those that the log does not tell of yet. */
  readonly #lost: number[] = [];
  readonly #ownedGauge: Gauge;
  readonly #lostCounter: Counter;
  #isOurs: (partition: number) => boolean = () => false;
  #memberIds: readonly string[] = [];
  readonly #acquisitions = new Set<Promise<void>>();
  #owned = 0;
  #restTimer: { readonly timer: Timer; readonly atMs: TimestampMs } | undefined;
  #stopping = false;

  constructor(deps: PartitionControllerDeps) {
    this.#deps = deps;
    this.#states = new PartitionTable(deps.partitions, deps.clock);
    this.#ownedGauge = deps.metrics.gauge('numshards_gauge', 'Partitions this process serves.');
    this.#lostCounter = deps.metrics.counter('partition_lost', 'Partitions that a newer owner took away.');
    this.#membership = new Membership({
      member: { service: deps.service, ...deps.member },
      leaseStore: deps.leaseStore,
      clock: deps.clock,
      random: deps.random,
      logger: deps.logger,
      metrics: deps.metrics,
      bus: deps.bus,
      links: deps.links,
      onView: (view) => this.#onView(view),
    });
    this.#renewals = new LeaseRenewals({
      ...deps,
      kind: deps.service,
      stillOurs: async (partitions) => {
        await this.#membership.refresh();
        return partitions.filter((partition) => this.#isOurs(partition));
      },
    });
  }

  /** Resolves when this member's share is served (or, if the store failed on the way, will be tried again). */
  async start(): Promise<void> {
    await this.#membership.start();
  }

  /** Closes every partition, then leaves so that others take over at once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restTimer?.timer.cancel();
    this.#renewals.stop();
    const closings: Promise<void>[] = [];
    for (let partition = 0; partition < this.#states.size; partition++) closings.push(this.#stopOne(partition));
    await Promise.all([this.#closed(closings), ...this.#acquisitions]);
    await this.#membership.stop();
  }

  state(partition: number): PartitionState {
    return this.#states.get(partition);
  }

  /** What operators are told: whom this process takes for alive, and what it has to do with. */
  view(): PartitionsView {
    return { membership: this.#membership.view, partitions: this.#states.facts() };
  }

  /** Partitions served right now. */
  get ownedCount(): number {
    return this.#owned;
  }

  /**
   * A write under this lease was fenced: steps down. The partition is asked for again only after a rest, and only if
   * a fresh look at the members says that nobody else should have it.
   */
  lose(partition: number, rangeId: number): void {
    const state = this.state(partition);
    // A lease that was renewed since, or is being renewed, was fenced by ourselves.
    if (state.kind !== 'owned' || state.lease.rangeId !== rangeId) return;
    this.#lostCounter.add(1, { service: this.#deps.service });
    this.#noteLost(partition);
    void this.#close(partition, state.owner, this.#restMs(partition));
  }

  /**
   * A new lease for a partition whose last commit under `rangeId` had an unknown outcome. Callers share one renewal,
   * which is tried until it succeeds; undefined when the partition is not ours any more. Unless the new range id is
   * the next one, somebody else may have written meanwhile: what is cached must be read again.
   */
  async renew(partition: number, rangeId: number): Promise<Lease | undefined> {
    const state = this.state(partition);
    if (state.kind === 'renewing') return state.renewal;
    if (state.kind !== 'owned') return undefined;
    if (state.lease.rangeId !== rangeId) return state.lease;
    const { owner } = state;
    const renewal = this.#renewals.renew(partition).then((lease) => {
      if (this.state(partition).kind !== 'renewing') return undefined;
      if (lease === undefined) void this.#close(partition, owner, 0);
      else this.#states.set(partition, { kind: 'owned', lease, owner });
      return lease;
    });
    this.#states.set(partition, { kind: 'renewing', lease: state.lease, owner, renewal });
    return renewal;
  }

  async #onView(view: MembershipView): Promise<void> {
    const memberIds = view.members.map((peer) => peer.memberId).sort();
    const missing = this.#memberIds.filter((memberId) => !memberIds.includes(memberId));
    // When the store was away, everybody was: give the others until the next heartbeat to be back.
    if (view.wasAway && missing.length > 0) return;
    if (memberIds.join('\n') !== this.#memberIds.join('\n')) await this.#onMembers(memberIds);
    // Whoever else lives may have served our share while we were silent: what we hold in memory may be stale.
    if (view.wasAway && memberIds.length > 1) {
      await this.#closeWhere(() => true);
      await this.#membership.announce(view);
    }
    if (memberIds.length > 1) await this.#loseTaken();
    await this.#acquire(this.#wanted());
  }

  /**
   * A member that did not know of us yet may have taken a partition of ours and let it go again. Whoever writes notices, but
   * who only reads would go on with a memory that is behind for ever.
   */
  async #loseTaken(): Promise<void> {
    const { leaseStore, service, logger } = this.#deps;
    const held = Array.from(this.#states).flatMap(([, state]) => (state.kind === 'owned' ? [state.lease] : []));
    if (held.length === 0) return;
    const partitions = held.map(({ partition }) => partition);
    try {
      const rangeIds = await leaseStore.readRangeIds(service, partitions);
      for (const [i, { partition, rangeId }] of held.entries()) {
        if (rangeIds[i] !== rangeId) this.lose(partition, rangeId);
      }
    } catch (error) {
      logger.debug({ error, partitions: held.length }, 'could not look whether leases are in force');
    }
  }

  async #onMembers(memberIds: readonly string[]): Promise<void> {
    const { service, member, logger } = this.#deps;
    this.#memberIds = memberIds;
    logger.info({ service, members: memberIds }, 'membership changed');
    const ownerOf = rendezvousOwner(memberIds);
    this.#isOurs = (partition) => ownerOf(partition) === member.memberId;
    await this.#closeWhere((partition) => !this.#isOurs(partition));
  }

  async #closeWhere(shouldClose: (partition: number) => boolean): Promise<void> {
    const closings: Promise<void>[] = [];
    for (const [partition, state] of this.#states) {
      if (state.kind === 'owned' && shouldClose(partition)) closings.push(this.#close(partition, state.owner, 0));
    }
    await this.#closed(closings);
  }

  #closed(closings: readonly Promise<void>[]): Promise<void> {
    return settledWithin(Promise.all(closings), CLOSED_WITHIN_MS, this.#deps.clock);
  }

  #wanted(): number[] {
    const now = this.#deps.clock.now();
    const wanted: number[] = [];
    for (const [partition, state] of this.#states) {
      const isFree = state.kind === 'foreign' || (state.kind === 'resting' && state.untilMs <= now);
      if (!isFree) continue;
      if (this.#isOurs(partition)) wanted.push(partition);
      else this.#states.set(partition, FOREIGN);
    }
    return wanted;
  }

  async #acquire(partitions: readonly number[]): Promise<void> {
    if (this.#stopping || partitions.length === 0) return;
    const acquisition = this.#acquireAndLoad(partitions);
    this.#acquisitions.add(acquisition);
    await acquisition;
    this.#acquisitions.delete(acquisition);
  }

  async #acquireAndLoad(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#states.set(partition, ACQUIRING);
    for (let at = 0; at < partitions.length; at += BATCH) {
      // Much may have happened while the batch before was under way.
      const batch = partitions.slice(at, at + BATCH);
      const wanted = batch.filter((partition) => !this.#stopping && this.#isOurs(partition));
      for (const partition of batch) if (!wanted.includes(partition)) this.#states.set(partition, FOREIGN);
      if (await this.#acquireBatch(wanted)) continue;
      for (const partition of partitions.slice(at)) this.#rest(partition, RETRY_MS);
      return;
    }
  }

  /** False when the store failed. */
  async #acquireBatch(partitions: readonly number[]): Promise<boolean> {
    if (partitions.length === 0) return true;
    const { leaseStore, service, member, logger } = this.#deps;
    let leases: readonly Lease[];
    try {
      leases = await leaseStore.acquire(service, partitions, member.memberId);
    } catch (error) {
      logger.warn({ error, partitions: partitions.length }, 'could not acquire leases');
      return false;
    }
    await Promise.all(leases.map((lease) => this.#load(lease)));
    return true;
  }

  async #load(lease: Lease): Promise<void> {
    const { partition } = lease;
    if (this.#stopping) return this.#states.set(partition, FOREIGN);
    this.#states.set(partition, { kind: 'loading', lease });
    let owner: PartitionOwner;
    try {
      owner = await this.#deps.onAcquire(lease);
    } catch (error) {
      this.#deps.logger.warn({ error, partition }, 'could not load the partition');
      return this.#rest(partition, this.#restMs(partition));
    }
    this.#countOwned(1);
    this.#states.set(partition, { kind: 'owned', lease, owner });
    if (this.#stopping || !this.#isOurs(partition)) await this.#close(partition, owner, 0);
  }

  #close(partition: number, owner: PartitionOwner, restMs: number): Promise<void> {
    const closed = owner.close().then(() => {
      this.#countOwned(-1);
      this.#rest(partition, restMs);
    });
    this.#states.set(partition, { kind: 'closing', closed });
    return closed;
  }

  async #stopOne(partition: number): Promise<void> {
    const state = this.state(partition);
    if (state.kind === 'closing') return state.closed;
    if (state.kind === 'owned' || state.kind === 'renewing') await this.#close(partition, state.owner, 0);
  }

  #countOwned(change: number): void {
    this.#owned += change;
    this.#ownedGauge.set(this.#owned, { service: this.#deps.service });
  }

  /** A member that comes late takes many at one time: one line for all of a turn. */
  #noteLost(partition: number): void {
    const { clock, logger, service } = this.#deps;
    if (this.#lost.push(partition) > 1) return;
    clock.defer(() => {
      const lost = this.#lost.splice(0);
      logger.warn({ service, count: lost.length, partitions: lost.slice(0, NAMED) }, 'newer owners took partitions');
    });
  }

  #restMs(partition: number): number {
    const { clock, random } = this.#deps;
    const now = clock.now();
    const last = this.#losses.get(partition);
    const count = last !== undefined && now - last.atMs < LOSS_MEMORY_MS ? last.count + 1 : 1;
    this.#losses.set(partition, { count, atMs: now });
    return backoffMs(REST, count, random);
  }

  #rest(partition: number, restMs: number): void {
    if (restMs === 0) return this.#states.set(partition, FOREIGN);
    const untilMs = Math.ceil((this.#deps.clock.now() + restMs) / REST_STEP_MS) * REST_STEP_MS;
    this.#states.set(partition, { kind: 'resting', untilMs });
    this.#wakeAt(untilMs);
  }

  #wakeAt(atMs: TimestampMs): void {
    if (this.#stopping || (this.#restTimer !== undefined && this.#restTimer.atMs <= atMs)) return;
    this.#restTimer?.timer.cancel();
    const { clock } = this.#deps;
    const timer = clock.schedule(atMs - clock.now(), () => void this.#wake());
    this.#restTimer = { timer, atMs };
  }

  /** Looks at the members before anything is asked for again: most often the newer owner is among them. */
  async #wake(): Promise<void> {
    this.#restTimer = undefined;
    try {
      await this.#membership.refresh();
    } catch (error) {
      this.#deps.logger.debug({ error }, 'could not look at the members');
      this.#wakeAt(this.#deps.clock.now() + RETRY_MS);
      return;
    }
    for (const [, state] of this.#states) if (state.kind === 'resting') this.#wakeAt(state.untilMs);
  }
}
