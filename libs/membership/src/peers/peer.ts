import type { Member } from '@duramesh/persistence';
import { PeerFrame, type PeerHello, type PeerRefusal } from '@duramesh/proto';
import { backoffMs, type BackoffPolicy, type Clock, type Random } from '@duramesh/runtime';
import { knownCode, objectionTo } from './introduction.ts';
import { BEAT_MS, DOUBT_MS, HELLO_MS } from './pace.ts';
import type { LinkEnd, PeerLink, PeerTransport } from './peer-transport.ts';
import type { Refusals } from './refusals.ts';

const REDIAL: BackoffPolicy = { initialMs: 1_000, coefficient: 2, maximumMs: 4_000 };
/** Links that end sooner than this one after the other are not made again at once. */
const QUICK_MS = 1_000;
const BROKEN: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['malformed', 'oversize', 'truncated', 'stuck']);

export interface PeerDeps {
  readonly hello: PeerHello;
  readonly transport: PeerTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly refusals: Refusals;
  /** Whether it is there, or whether it could be linked, may be another thing now. */
  readonly onChange: (peer: Peer) => void;
  /** Nothing listens where it should be: it has ended, or never was reachable. */
  readonly onAbsent: (peer: Peer) => void;
  readonly onRefusal: (peer: Peer, refusal: PeerRefusal) => void;
  readonly onAnswer: (questionId: number, heard: boolean) => void;
}

/** A member that this one listens to, over a link of its own that is made again whenever it breaks. */
export class Peer {
  readonly member: Member;
  readonly #address: string;
  readonly #deps: PeerDeps;
  #link: PeerLink | undefined;
  /** The machine has taken the connection. */
  #isOpen = false;
  /** The member has said who it is. */
  #isLinked = false;
  #isGone = false;
  /** Of a process that said that it leaves: nothing it says later brings it back. */
  #left: string | undefined;
  #incarnation = '';
  #dialledAtMs = 0;
  #nextDialAtMs = 0;
  #failures = 0;
  #heardAtMs: number;
  #trustedAtMs: number;
  /** Somebody asks the others whether they hear it. */
  isAskedAfter = false;

  constructor(member: Member, address: string, deps: PeerDeps) {
    this.member = member;
    this.#address = address;
    this.#deps = deps;
    // Members that are only known from the store get the benefit of the doubt for as long as others.
    this.#heardAtMs = Number.NEGATIVE_INFINITY;
    this.#trustedAtMs = deps.clock.monotonicMs();
    this.#dial();
  }

  /** It does not live, as far as can be told without the store. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get isLinked(): boolean {
    return this.#isLinked;
  }

  /** A frame of it arrived at this moment. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  isSilent(nowMs: number): boolean {
    return nowMs - Math.max(this.#heardAtMs, this.#trustedAtMs) >= DOUBT_MS;
  }

  /** Somebody else hears it, or it was this process that did not listen. */
  trust(): void {
    this.#trustedAtMs = this.#deps.clock.monotonicMs();
  }

  giveUp(): void {
    this.#isGone = true;
    this.#deps.onChange(this);
  }

  /** It has handed over everything; a process that starts in its place is another one. */
  leave(incarnation: string): void {
    this.#left = incarnation;
    if (!this.#isGone) this.giveUp();
  }

  /** Something of it was heard on another way: no need to wait for the next try. */
  dialSoon(): void {
    if (this.#link === undefined) this.#dial();
  }

  send(frame: PeerFrame): void {
    if (this.#isLinked) this.#link?.send(frame);
  }

  tick(nowMs: number): void {
    if (this.#isLinked && nowMs - this.#dialledAtMs >= QUICK_MS) this.#failures = 0;
    if (this.#isLinked && nowMs - this.#heardAtMs < 2 * DOUBT_MS) return this.send(PeerFrame.create({ beat: {} }));
    // Beyond a network that was cut, the old connection may take minutes to come to itself; a new one does not.
    if (this.#isLinked) this.#drop();
    if (this.#link === undefined) {
      if (nowMs >= this.#nextDialAtMs) this.#dial();
      return;
    }
    if (nowMs - this.#dialledAtMs < HELLO_MS) return;
    const { refusals } = this.#deps;
    if (this.#isOpen) refusals.note('silent', 'a member accepts the connection and says nothing', this.#about());
    else refusals.note('unreachable', 'a member cannot be reached', this.#about());
    this.#drop();
    this.#failed();
  }

  stop(): void {
    this.#drop();
  }

  #dial(): void {
    this.#dialledAtMs = this.#deps.clock.monotonicMs();
    this.#isOpen = false;
    const link: PeerLink = this.#deps.transport.connect(this.#address, {
      onOpen: () => {
        this.#isOpen = true;
        link.send(PeerFrame.create({ hello: this.#deps.hello }));
      },
      onFrame: (frame) => this.#onFrame(frame),
      onEnd: (end) => this.#onEnd(end),
    });
    this.#link = link;
  }

  #onFrame(frame: PeerFrame): void {
    if (frame.refusal !== undefined) return this.#onRefusal(frame.refusal, 'a member refuses this process');
    if (!this.#isLinked) return this.#onFirst(frame.hello);
    if (frame.leave !== undefined) return this.leave(this.#incarnation);
    this.#heard();
    if (frame.answer !== undefined) this.#deps.onAnswer(frame.answer.questionId, frame.answer.heard);
  }

  #onFirst(hello: PeerHello | undefined): void {
    const { refusals } = this.#deps;
    const refusal = hello && objectionTo(hello, this.#deps.hello);
    if (refusal !== undefined) return this.#onRefusal(refusal, 'this process cannot work with a member');
    if (hello?.memberId !== this.member.memberId) {
      this.#drop();
      refusals.note('member', 'somebody else answers where a member should be', this.#about());
      this.#failed();
      return this.#deps.onAbsent(this);
    }
    this.#isLinked = true;
    this.#incarnation = hello.incarnation;
    this.#heard();
    this.#deps.onChange(this);
  }

  #heard(): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    if (!this.#isGone || this.#left === this.#incarnation) return;
    this.#isGone = false;
    this.#deps.onChange(this);
  }

  #onRefusal(refusal: PeerRefusal, message: string): void {
    this.#drop();
    const { refusals, onRefusal } = this.#deps;
    refusals.note(knownCode(refusal.code), message, { why: refusal.reason, ...this.#about() });
    this.#failed();
    onRefusal(this, refusal);
  }

  #onEnd(end: LinkEnd): void {
    const { refusals, onAbsent } = this.#deps;
    const wasGood = this.#isLinked && this.#failures === 0;
    this.#link = undefined;
    this.#isLinked = false;
    if (BROKEN.has(end)) refusals.note(end, 'a link to a member broke', this.#about());
    this.#failed();
    // The end of a good link says little; whether the next one is taken says much.
    if (wasGood) return this.#dial();
    if (end === 'refused') onAbsent(this);
  }

  #failed(): void {
    const { clock, random } = this.#deps;
    this.#failures += 1;
    this.#nextDialAtMs = clock.monotonicMs() + backoffMs(REDIAL, this.#failures, random) - BEAT_MS / 2;
  }

  #drop(): void {
    this.#link?.close();
    this.#link = undefined;
    this.#isLinked = false;
  }

  #about(): { readonly member: string; readonly address: string } {
    return { member: this.member.memberId, address: this.#address };
  }
}
