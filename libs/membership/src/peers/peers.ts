import type { ClusterFacts, Member } from '@duramesh/persistence';
import { PeerFrame, type PeerHello, type PeerRefusal } from '@duramesh/proto';
import type { Clock, Counter, Logger, Metrics, Random, Timer } from '@duramesh/runtime';
import { Callers } from './callers.ts';
import { helloOf } from './introduction.ts';
import { linkAddressOf } from './member-address.ts';
import { ASKED, BEAT_MS, CONFIRM_MS, DOUBT_MS, JOIN_MS, STOOD_STILL_MS } from './pace.ts';
import { Peer } from './peer.ts';
import type { PeerTransport } from './peer-transport.ts';
import { Questions } from './questions.ts';
import { Refusals } from './refusals.ts';

/** Those that are there will not have this process among them. */
export class MembershipRefused extends Error {
  override readonly name = 'MembershipRefused';
}

/** A process in which these differ must not come to serve anything. Other refusals say that an address is somebody else's. */
const FATAL: ReadonlySet<string> = new Set(['shards', 'slots', 'contract']);

export interface PeersDeps {
  readonly service: string;
  readonly memberId: string;
  readonly facts: ClusterFacts;
  readonly transport: PeerTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Another way to ask a member whether it is there; true also when that cannot be told. */
  readonly isThere?: ((member: Member) => Promise<boolean>) | undefined;
  /** A member is gone, or is back. */
  readonly onChange: () => void;
  /** This process stood still for a while: others may have taken its place. */
  readonly onStoodStill: () => void;
}

/**
 * Who of the members answers, told within seconds: a process that ended within a few hundred milliseconds, one that stands
 * still after four seconds. A member counts as gone when it is silent and nobody else hears it either. A hint: leases decide.
 */
export class Peers {
  readonly #deps: PeersDeps;
  readonly #hello: PeerHello;
  readonly #refusals: Refusals;
  readonly #callers: Callers;
  readonly #questions: Questions;
  readonly #goneCounter: Counter;
  readonly #peers = new Map<string, Peer>();
  #timer: Timer | undefined;
  #tickedAtMs = 0;
  #joining: PromiseWithResolvers<void> | undefined;
  #stopped = false;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
    this.#refusals = new Refusals(deps.service, deps);
    // The same process may come back within a millisecond in simulated time only: two numbers are enough.
    const incarnation = `${deps.clock.now().toString(36)}-${Math.floor(deps.random.next() * 2 ** 32).toString(36)}`;
    this.#hello = helloOf({ ...deps, incarnation });
    this.#questions = new Questions(deps.clock);
    this.#goneCounter = deps.metrics.counter('membership_gone', 'Members found to be gone, by how it was noticed.');
    this.#callers = new Callers({
      hello: this.#hello,
      clock: deps.clock,
      refusals: this.#refusals,
      onCaller: ({ memberId }) => this.#peers.get(memberId)?.dialSoon(),
      onLeave: ({ memberId, incarnation: left }) => this.#peers.get(memberId)?.leave(left),
      hasHeard: (memberId) => this.#hasHeard(memberId),
    });
  }

  /** Resolves with the port on which others reach this member. */
  listen(): Promise<number> {
    return this.#deps.transport.listen((link) => this.#callers.accept(link));
  }

  /**
   * Links to those that are there, and waits a moment until they have answered.
   * @throws MembershipRefused when one of them says that this process does not belong to them
   */
  async join(members: readonly Member[]): Promise<void> {
    const joining = Promise.withResolvers<void>();
    this.#joining = joining;
    const enough = this.#deps.clock.schedule(JOIN_MS, () => joining.resolve());
    this.watch(members);
    this.#checkJoined();
    try {
      await joining.promise;
    } finally {
      enough.cancel();
      this.#joining = undefined;
    }
  }

  /** Listens to these and to nobody else. */
  watch(members: readonly Member[]): void {
    if (this.#stopped) return;
    const addresses = new Map<string, { readonly member: Member; readonly address: string }>();
    for (const member of members) {
      const address = linkAddressOf(member);
      const isOther = member.service === this.#deps.service && member.memberId !== this.#deps.memberId;
      if (isOther && address !== undefined) addresses.set(member.memberId, { member, address });
    }
    for (const [memberId, peer] of this.#peers) {
      const now = addresses.get(memberId);
      if (now?.member.address === peer.member.address) continue;
      this.#peers.delete(memberId);
      peer.stop();
    }
    for (const [memberId, { member, address }] of addresses) {
      if (!this.#peers.has(memberId)) this.#peers.set(memberId, this.#peer(member, address));
    }
    this.#keepTicking();
  }

  isGone(memberId: string): boolean {
    return this.#peers.get(memberId)?.isGone ?? false;
  }

  /** Tells the others that everything this member had has been handed over. */
  leave(): void {
    const frame = PeerFrame.create({ leave: {} });
    this.#callers.leave();
    for (const peer of this.#peers.values()) peer.send(frame);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#questions.stop();
    for (const peer of this.#peers.values()) peer.stop();
    this.#peers.clear();
    await this.#deps.transport.close();
  }

  #peer(member: Member, address: string): Peer {
    const { transport, clock, random } = this.#deps;
    return new Peer(member, address, {
      hello: this.#hello,
      transport,
      clock,
      random,
      refusals: this.#refusals,
      onChange: () => {
        this.#checkJoined();
        if (!this.#stopped) this.#deps.onChange();
      },
      onAbsent: (peer) => void this.#doubt(peer, 'ended'),
      onRefusal: (peer, refusal) => this.#onRefusal(peer, refusal),
      onAnswer: (questionId, heard) => this.#questions.answer(questionId, heard),
    });
  }

  #onRefusal({ member }: Peer, { code, reason }: PeerRefusal): void {
    if (!FATAL.has(code)) return this.#checkJoined();
    this.#joining?.reject(
      new MembershipRefused(`the ${member.service} ${member.memberId} refuses this process: ${reason}`),
    );
  }

  #checkJoined(): void {
    if ([...this.#peers.values()].every((peer) => peer.isLinked || peer.isGone)) this.#joining?.resolve();
  }

  /** Alone, a member has nothing to do here and does nothing. */
  #keepTicking(): void {
    if (this.#peers.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    } else if (this.#timer === undefined) {
      this.#tickedAtMs = this.#deps.clock.monotonicMs();
      this.#timer = this.#deps.clock.schedule(BEAT_MS, () => this.#tick());
    }
  }

  #tick(): void {
    const { clock, onStoodStill } = this.#deps;
    const now = clock.monotonicMs();
    this.#timer = clock.schedule(BEAT_MS, () => this.#tick());
    const stoodStill = now - this.#tickedAtMs > BEAT_MS + STOOD_STILL_MS;
    this.#tickedAtMs = now;
    for (const peer of this.#peers.values()) {
      if (stoodStill) peer.trust();
      peer.tick(now);
      if (!peer.isGone && peer.isSilent(now)) void this.#doubt(peer, 'silent');
    }
    if (stoodStill) onStoodStill();
  }

  async #doubt(peer: Peer, why: 'ended' | 'silent'): Promise<void> {
    if (peer.isGone || peer.isAskedAfter) return;
    const { clock, logger, service } = this.#deps;
    const askedAtMs = clock.monotonicMs();
    const { memberId } = peer.member;
    peer.isAskedAfter = true;
    const isHeard = await this.#isHeardByOthers(peer);
    peer.isAskedAfter = false;
    if (this.#stopped || this.#peers.get(memberId) !== peer || peer.isGone || peer.heardAtMs > askedAtMs) return;
    if (isHeard) {
      logger.warn({ service, member: memberId, why }, 'a member is heard by others and not by this process');
      return peer.trust();
    }
    this.#goneCounter.add(1, { service, why });
    logger.warn({ service, member: memberId, why }, 'a member is gone: others take over what it served');
    peer.giveUp();
  }

  async #isHeardByOthers({ member }: Peer): Promise<boolean> {
    const { isThere } = this.#deps;
    const others = [...this.#peers.values()].filter((peer) => peer.isLinked && peer.member !== member).slice(0, ASKED);
    const answers = others.map((peer) =>
      this.#questions.ask(CONFIRM_MS, (questionId) =>
        peer.send(PeerFrame.create({ question: { questionId, memberId: member.memberId } })),
      ),
    );
    if (isThere !== undefined) answers.push(isThere(member));
    return new Promise((resolve) => {
      for (const answer of answers) void answer.then((isHeard) => isHeard && resolve(true));
      void Promise.all(answers).then(() => resolve(false));
    });
  }

  #hasHeard(memberId: string): boolean {
    const peer = this.#peers.get(memberId);
    const heardAtMs = peer?.isLinked ? peer.heardAtMs : Number.NEGATIVE_INFINITY;
    return this.#deps.clock.monotonicMs() - heardAtMs < DOUBT_MS - BEAT_MS;
  }
}
