import type { Bus, Subscription } from '@duramesh/bus';
import type { LeaseStore, Member } from '@duramesh/persistence';
import { type Clock, fnv1a32, type Logger, type Timer, type TimestampMs } from '@duramesh/runtime';

const HEARTBEAT_MS = 5_000;
/** Three heartbeats: one may be lost and one late before others take over. */
const TTL_MS = 15_000;
const RETRY_MS = 1_000;
const HINT_TIMEOUT_MS = 2_000;
const EMPTY = new Uint8Array();

/** Who lives, as the store last said. A hint: leases decide who may write. */
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
  readonly leaseStore: Pick<LeaseStore, 'heartbeat' | 'leave'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Lets members tell each other to look now instead of at their next heartbeat. Without it changes take longer. */
  readonly bus?: Pick<Bus, 'request' | 'serve'> | undefined;
  /** Called with every new view, whether or not the members changed. A peer that asked waits for the promise. */
  readonly onView: (view: MembershipView) => Promise<void>;
}

/** Makes this process known to the others of its service, and the others to it: one round trip every few seconds. */
export class Membership {
  readonly #deps: MembershipDeps;
  #view: MembershipView = { members: [], atMs: Number.NEGATIVE_INFINITY, wasAway: false };
  #inFlight: Promise<MembershipView> | undefined;
  #timer: Timer | undefined;
  #hints: Subscription | undefined;
  #stopped = false;

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  get view(): MembershipView {
    return this.#view;
  }

  /** Joins; members that are there already are told, and have let go of what is no longer theirs when this resolves. */
  async start(): Promise<void> {
    const { bus, member } = this.#deps;
    this.#hints = bus?.serve(hintSubject(member), () => this.#onHint());
    const view = await this.#heartbeat();
    await this.announce(view);
    await this.#publish(view);
    this.#scheduleNext(HEARTBEAT_MS);
  }

  /** A view that is not older than this call. */
  async refresh(): Promise<MembershipView> {
    const view = await this.#fresh();
    await this.#publish(view);
    return view;
  }

  /** Asks the others to look at the members now; those that heard have acted on it when this resolves. */
  async announce(view: MembershipView): Promise<void> {
    const { bus, member, logger } = this.#deps;
    if (bus === undefined) return;
    const peers = view.members.filter((peer) => peer !== member);
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
    const { leaseStore, member, logger } = this.#deps;
    await this.#inFlight?.catch(() => undefined);
    try {
      await leaseStore.leave(member);
      await this.announce(this.#view);
    } catch (error) {
      logger.warn({ error }, 'could not leave; the others will notice when the heartbeats stop');
    }
    await this.#hints?.close();
  }

  async #fresh(): Promise<MembershipView> {
    await this.#inFlight?.catch(() => undefined);
    return (this.#inFlight ??= this.#heartbeat().finally(() => (this.#inFlight = undefined)));
  }

  async #heartbeat(): Promise<MembershipView> {
    const { leaseStore, member, clock } = this.#deps;
    const atMs = clock.now();
    const others = await leaseStore.heartbeat(member, TTL_MS);
    const members = [member, ...others.filter((other) => other.service === member.service)];
    const wasAway = Number.isFinite(this.#view.atMs) && atMs - this.#view.atMs > TTL_MS;
    this.#view = { members, atMs, wasAway };
    return this.#view;
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
      this.#scheduleNext(HEARTBEAT_MS);
      await this.#publish(view);
    } catch (error) {
      this.#deps.logger.warn({ error }, 'heartbeat failed');
      this.#scheduleNext(RETRY_MS);
    }
  }

  async #onHint(): Promise<Uint8Array> {
    try {
      if (!this.#stopped) await this.refresh();
    } catch (error) {
      this.#deps.logger.debug({ error }, 'could not look at the members when asked to');
    }
    return EMPTY;
  }
}

/** Member ids may hold characters that subjects must not. */
const hintSubject = (member: Member): string =>
  `membership.v1.${member.service}.${fnv1a32(member.memberId).toString(16)}`;
