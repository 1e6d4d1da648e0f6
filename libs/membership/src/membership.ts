import { type Bus, BusFault, type Subscription } from '@duramesh/bus';
import type { ClusterFacts, LeaseStore, Member } from '@duramesh/persistence';
import {
  type Clock,
  fnv1a32,
  type Logger,
  type Metrics,
  type Random,
  type Timer,
  type TimestampMs,
} from '@duramesh/runtime';
import { withMembershipPort } from './peers/member-address.ts';
import { CONFIRM_MS } from './peers/pace.ts';
import type { PeerTransport } from './peers/peer-transport.ts';
import { Peers } from './peers/peers.ts';

const HEARTBEAT_MS = 5_000;
/** Who is also listened to needs the store less. */
const LINKED_HEARTBEAT_MS = 7_000;
/** Heartbeats that make a life in the store: one may be lost and one late before others take over. */
const HEARTBEATS = 3;
const RETRY_MS = 1_000;
const HINT_TIMEOUT_MS = 2_000;
const EMPTY = new Uint8Array();
/** The payload of a hint that asks for nothing but an answer. */
const ARE_YOU_THERE = Uint8Array.of(1);

/** How the members of a service hear each other without the store. */
export interface MemberLinks {
  readonly transport: PeerTransport;
  readonly facts: ClusterFacts;
}

/** Who lives, as the store last said and as far as they answer. A hint: leases decide who may write. */
export interface MembershipView {
  /** This member first. */
  readonly members: readonly Member[];
  /** When the heartbeat that brought this view was sent. */
  readonly atMs: TimestampMs;
  /** This member was silent for longer than its ttl before this view: others may have taken its place meanwhile. */
  readonly wasAway: boolean;
}

export interface MembershipDeps {
  readonly member: Member;
  readonly leaseStore: Pick<LeaseStore, 'heartbeat' | 'leave' | 'readMembers'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Members without partitions need less of it; 5 s, or 7 s with links, unless told. */
  readonly heartbeatMs?: number;
  /** Without them a member that ended is noticed when its heartbeats are missed. */
  readonly links?: MemberLinks | undefined;
  /** Lets members tell each other to look now instead of at their next heartbeat. Without it changes take longer. */
  readonly bus?: Pick<Bus, 'request' | 'serve'> | undefined;
  /** Called with every new view, whether or not the members changed. A peer that asked waits for the promise. */
  readonly onView: (view: MembershipView) => Promise<void>;
}

/**
 * Makes this process known to the others of its service, and the others to it: one round trip every few seconds. The store
 * says who belongs; the links between members say sooner who does not answer any more.
 */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #heartbeatMs: number;
  readonly #ttlMs: number;
  readonly #peers: Peers | undefined;
  /** This process, as it stands in the store. */
  #member: Member;
  /** As the store last said. */
  #stored: readonly Member[] = [];
  #view: MembershipView = { members: [], atMs: Number.NEGATIVE_INFINITY, wasAway: false };
  #inFlight: Promise<MembershipView> | undefined;
  #timer: Timer | undefined;
  #hints: Subscription | undefined;
  #stopped = false;

  constructor(deps: MembershipDeps) {
    const { member, links, bus } = deps;
    this.#deps = deps;
    this.#member = member;
    this.#heartbeatMs = deps.heartbeatMs ?? (links ? LINKED_HEARTBEAT_MS : HEARTBEAT_MS);
    this.#ttlMs = HEARTBEATS * this.#heartbeatMs;
    this.#peers =
      links &&
      new Peers({
        ...deps,
        ...links,
        service: member.service,
        memberId: member.memberId,
        isThere: bus && ((peer) => isThere(bus, peer)),
        onChange: () => this.#onPeers(),
        onStoodStill: () => void this.#lookAgain(),
      });
  }

  get view(): MembershipView {
    return this.#view;
  }

  /**
   * Joins; members that are there already are told, and have let go of what is no longer theirs when this resolves.
   * @throws MembershipRefused when they will not have this process; nothing was written then
   */
  async start(): Promise<void> {
    try {
      await this.#join();
    } catch (error) {
      await Promise.all([this.#peers?.stop(), this.#hints?.close()]);
      throw error;
    }
    this.#scheduleNext(this.#heartbeatMs);
  }

  async #join(): Promise<void> {
    const { bus, member } = this.#deps;
    await this.#meet();
    this.#hints = bus?.serve(hintSubject(member), (question) => this.#onHint(question));
    const view = await this.#heartbeat();
    await this.announce(view);
    await this.#publish(view);
  }

  /** A view that is not older than this call. */
  async refresh(): Promise<MembershipView> {
    const view = await this.#fresh();
    await this.#publish(view);
    return view;
  }

  /** Asks the others to look at the members now; those that heard have acted on it when this resolves. */
  async announce(view: MembershipView): Promise<void> {
    const { bus, logger } = this.#deps;
    if (bus === undefined) return;
    const peers = view.members.filter((peer) => peer !== this.#member);
    const hints = peers.map((peer) => bus.request(hintSubject(peer), EMPTY, { timeoutMs: HINT_TIMEOUT_MS }));
    for (const hint of await Promise.allSettled(hints)) {
      if (hint.status === 'rejected') logger.debug({ error: hint.reason as unknown }, 'a member did not hear the hint');
    }
  }

  /** Leaves, and tells the others to take over at once. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel();
    const { leaseStore, logger } = this.#deps;
    await this.#inFlight?.catch(() => undefined);
    try {
      await leaseStore.leave(this.#member);
    } catch (error) {
      logger.warn({ error }, 'could not leave; the others will notice when the heartbeats stop');
    }
    // Those that are linked know at once, and need nothing to be read.
    this.#peers?.leave();
    await this.announce(this.#view);
    await this.#peers?.stop();
    await this.#hints?.close();
  }

  /** Says hello to those that are there before anything is written. */
  async #meet(): Promise<void> {
    if (this.#peers === undefined) return;
    const { member, leaseStore } = this.#deps;
    this.#member = { ...member, address: withMembershipPort(member.address, await this.#peers.listen()) };
    await this.#peers.join(await leaseStore.readMembers());
  }

  async #fresh(): Promise<MembershipView> {
    await this.#inFlight?.catch(() => undefined);
    return (this.#inFlight ??= this.#heartbeat().finally(() => (this.#inFlight = undefined)));
  }

  async #heartbeat(): Promise<MembershipView> {
    const { leaseStore, clock } = this.#deps;
    const { service } = this.#member;
    const atMs = clock.now();
    const others = await leaseStore.heartbeat(this.#member, this.#ttlMs);
    this.#stored = [this.#member, ...others.filter((other) => other.service === service)];
    this.#peers?.watch(this.#stored);
    const wasAway = Number.isFinite(this.#view.atMs) && atMs - this.#view.atMs > this.#ttlMs;
    this.#view = { members: this.#present(), atMs, wasAway };
    return this.#view;
  }

  #present(): readonly Member[] {
    return this.#stored.filter((member) => member === this.#member || this.#peers?.isGone(member.memberId) !== true);
  }

  /** Somebody is gone or is back: no need to ask the store, which knows less. */
  #onPeers(): void {
    if (this.#stopped || this.#stored.length === 0) return;
    this.#view = { members: this.#present(), atMs: this.#view.atMs, wasAway: false };
    this.#publish(this.#view).catch((error: unknown) =>
      this.#deps.logger.warn({ error }, 'could not act on a change of the members'),
    );
  }

  async #publish(view: MembershipView): Promise<void> {
    if (!this.#stopped) await this.#deps.onView(view);
  }

  #scheduleNext(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.schedule(delayMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    try {
      const view = await this.#fresh();
      this.#scheduleNext(this.#heartbeatMs);
      await this.#publish(view);
    } catch (error) {
      this.#deps.logger.warn({ error }, 'heartbeat failed');
      this.#scheduleNext(RETRY_MS);
    }
  }

  async #onHint(question: Uint8Array): Promise<Uint8Array> {
    if (question.length === 0) await this.#lookAgain();
    return EMPTY;
  }

  async #lookAgain(): Promise<void> {
    try {
      if (!this.#stopped) await this.refresh();
    } catch (error) {
      this.#deps.logger.debug({ error }, 'could not look at the members when asked to');
    }
  }
}

/** Member ids may hold characters that subjects must not. */
const hintSubject = (member: Member): string =>
  `membership.v1.${member.service}.${fnv1a32(member.memberId).toString(16)}`;

/** By the bus. A process that has lost the broker cannot tell who else is there, and must not think that nobody is. */
async function isThere(bus: Pick<Bus, 'request'>, member: Member): Promise<boolean> {
  try {
    await bus.request(hintSubject(member), ARE_YOU_THERE, { timeoutMs: CONFIRM_MS });
    return true;
  } catch (error) {
    return !(error instanceof BusFault) || (error.code !== 'noResponders' && error.code !== 'timeout');
  }
}
