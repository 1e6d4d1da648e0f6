import { type BusFaultCode, MAX_PAYLOAD_BYTES } from '../bus.ts';
import type { Delivery, ReplyTo } from '../local-subscription.ts';
import { bytesOf, type Parcel } from '../parcel.ts';
import type { Origin, ServingScope } from '../served-request.ts';
import type { SubjectTable } from '../subject-table.ts';
import { ArrivingRequests, type ChunkSender } from './arriving-requests.ts';
import { AskedAgain } from './asked-again.ts';
import type { Drops } from './drops.ts';
import {
  ackFrame,
  decodeNumbered,
  type DecodedRequest,
  decodeRequest,
  faultFrame,
  frameKind,
  FrameKind,
  leftFrame,
  replyFrame,
} from './frames.ts';
import { type Identity, objectionTo } from './identity.ts';
import { LeavingReplies } from './leaving-replies.ts';
import { type AttemptCaller, RememberedAnswers } from './remembered-answers.ts';
import { bulkInbox, callOf, isInbox, noticesOf, subjectOfWire } from './subjects.ts';
import type { Incoming, Wire } from './wire.ts';

/** Answers above this leave by the bulk connection. */
export const BULK_BYTES = 64 * 1024;
/** What the requests that run may have together, however many subscriptions they are spread over. */
const RUNNING_LIMIT_BYTES = 2 * MAX_PAYLOAD_BYTES;
/** Longer than any call of ours lasts: a caller that says more does not keep what it asked for. */
const LONGEST_CALL_MS = 10 * 60_000;
/** Processes that have asked and are told when subjects are let go of; the one that is known longest is forgotten first. */
const CALLERS_LIMIT = 1_000;
/** Filters in one message. */
const LEFT_AT_ONCE = 4_096;

export interface ResponderOptions {
  readonly identity: Identity;
  readonly table: SubjectTable;
  readonly scope: ServingScope;
  readonly drops: Drops;
  /** Where acknowledgements of our answers come in. */
  readonly inbox: string;
  readonly nextNumber: () => number;
  /** The connection that is up for large payloads, or any that is. */
  readonly bulkWire: () => Wire | undefined;
  readonly anyWire: () => Wire | undefined;
}

/** The requests that came over the broker, their chunks, and the answers on their way back. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #arriving: ArrivingRequests;
  readonly #leaving: LeavingReplies;
  readonly #askedAgain: AskedAgain;
  readonly #answers: RememberedAnswers;
  #runningBytes = 0;
  #overlaps = 0;
  /** While a connection is two: the inboxes of the requests that came by either. */
  readonly #seen = new Set<string>();
  /** Where those who have asked hear of what answers nothing. */
  readonly #callers = new Set<string>();

  constructor(options: ResponderOptions) {
    this.#options = options;
    const { deadlines } = options.scope;
    this.#arriving = new ArrivingRequests(deadlines, options.drops);
    this.#askedAgain = new AskedAgain(deadlines);
    this.#answers = new RememberedAnswers(deadlines);
    this.#leaving = new LeavingReplies(deadlines, options.inbox, options.nextNumber);
  }

  /** Requests that have not arrived as a whole, and answers that have not left as a whole. */
  get underWay(): number {
    return this.#arriving.count + this.#leaving.count;
  }

  receive(message: Incoming, wire: Wire): void {
    const { data, reply = '', subject } = message;
    const kind = frameKind(data);
    if (kind === undefined || !isInbox(reply)) return this.#drop('foreign', subject);
    if (kind === FrameKind.CHUNK) return this.#chunk(data, reply);
    if (kind !== FrameKind.REQUEST && kind !== FrameKind.REQUEST_START) return this.#drop('foreign', subject);
    const request = decodeRequest(data);
    if (request === undefined) return this.#drop('damaged', subject);
    if (this.#isRefused(request, wire, reply) || this.#isCopy(reply)) return;
    if (this.#askedAgain.isOutdated(reply, request.header)) return this.#drop('outdated', subject);
    this.#remember(reply);
    const caller = new RemoteCaller(this, { wire, inbox: reply, subject: subjectOfWire(subject), request });
    if (kind === FrameKind.REQUEST) return caller.deliver(request.body);
    const start = decodeNumbered(request.body);
    if (start === undefined) this.#drop('damaged', subject);
    else this.#arriving.start(caller, start);
  }

  /** From `true` to `false` requests may come twice, by two connections. */
  overlap(isBegin: boolean): void {
    this.#overlaps += isBegin ? 1 : -1;
    if (this.#overlaps === 0) this.#seen.clear();
  }

  /**
   * These subjects are not listened to any more, and all that came is answered. A request that one broker has sent here while
   * another one was told that we are gone is lost without a word: whoever asked must not wait for it.
   */
  left(filters: readonly string[]): void {
    const wire = this.#options.anyWire();
    for (let at = 0; at < filters.length; at += LEFT_AT_ONCE) {
      const told = leftFrame(filters.slice(at, at + LEFT_AT_ONCE));
      for (const notices of this.#callers) wire?.publish(notices, told);
    }
  }

  /** A caller says how much of an answer it has. @returns false when there is no such answer */
  acknowledged(number: number, data: Uint8Array): boolean {
    const ack = decodeNumbered(data.subarray(2));
    return ack !== undefined && this.#leaving.acknowledged(number, ack.number);
  }

  /** Nobody waits for an answer any more. */
  noCaller(number: number): void {
    this.#leaving.drop(number);
  }

  deliver(delivery: Delivery, caller: RemoteCaller): void {
    if (caller.call !== undefined && this.#answers.join(caller.call, caller)) return;
    caller.isExecuted = true;
    const subscription = this.#options.table.find(delivery.subject);
    if (subscription === undefined) return caller.fail('noResponders');
    if (!this.#takeRoom(caller)) return caller.fail('overloaded');
    subscription.deliver(delivery, caller);
  }

  leaveRoom(bytes: number): void {
    this.#runningBytes -= bytes;
  }

  /** Of an attempt that is executed here. */
  answered(call: string, reply: Uint8Array): void {
    this.#answers.answered(call, reply);
  }

  failed(call: string, code: BusFaultCode): void {
    this.#answers.failed(call, code);
  }

  /** Sends a small message by the connection the request came over, or by another one that is up. */
  send(wire: Wire, inbox: string, frame: Uint8Array): void {
    if (!wire.publish(inbox, frame)) this.#options.anyWire()?.publish(inbox, frame);
  }

  sendReply(wire: Wire, inbox: string, payload: Uint8Array): void {
    const isBulk = payload.length > BULK_BYTES;
    const via = isBulk ? (this.#options.bulkWire() ?? wire) : wire;
    const to = isBulk ? bulkInbox(inbox) : inbox;
    if (payload.length <= via.limitBytes) return this.send(via, to, replyFrame(payload));
    if (!this.#leaving.send(via, to, payload)) this.send(wire, inbox, faultFrame('handlerFailed'));
  }

  #drop(reason: Parameters<Drops['add']>[0], about: string): void {
    this.#options.drops.add(reason, about);
  }

  /** A caller uses an inbox for one request. */
  #isCopy(inbox: string): boolean {
    if (this.#overlaps === 0) return false;
    if (this.#seen.has(inbox)) return true;
    this.#seen.add(inbox);
    return false;
  }

  #remember(inbox: string): void {
    const notices = noticesOf(inbox);
    if (notices === undefined || this.#callers.has(notices)) return;
    this.#callers.add(notices);
    const [oldest] = this.#callers;
    if (this.#callers.size > CALLERS_LIMIT && oldest !== undefined) this.#callers.delete(oldest);
  }

  #takeRoom(caller: RemoteCaller): boolean {
    const { scope } = this.#options;
    if (this.#runningBytes + caller.bytes > RUNNING_LIMIT_BYTES) {
      scope.overloadedRequests += 1;
      return false;
    }
    this.#runningBytes += caller.bytes;
    caller.hasRoom = true;
    return true;
  }

  /** What is not meant for us, or came too late, reaches no handler. */
  #isRefused({ header }: DecodedRequest, wire: Wire, inbox: string): boolean {
    const objection = objectionTo(header, this.#options.identity);
    if (objection !== undefined) {
      this.#drop(objection, `a request of ${header.caller}`);
      this.send(wire, inbox, faultFrame(objection === 'otherVersion' ? 'incompatible' : objection));
      return true;
    }
    if (header.remainingMs > 0) return false;
    this.#drop('expired', `a request of ${header.caller}`);
    return true;
  }

  #chunk(data: Uint8Array, inbox: string): void {
    const chunk = decodeNumbered(data.subarray(2));
    if (chunk === undefined) this.#drop('damaged', inbox);
    else this.#arriving.chunk(inbox, chunk);
  }
}

const originOf = ({ header }: DecodedRequest): Origin => ({
  timeoutMs: Math.min(header.remainingMs, LONGEST_CALL_MS),
  traceparent: header.traceparent,
  caller: header.caller,
});

/** The other side of a request that came over the broker. */
class RemoteCaller implements ReplyTo, ChunkSender, AttemptCaller {
  readonly inbox: string;
  /** Of the request. */
  bytes = 0;
  hasRoom = false;
  /** What further attempts of it are known by; undefined when nothing is remembered of it. */
  readonly call: string | undefined;
  isExecuted = false;
  readonly #wire: Wire;
  readonly #subject: string;
  readonly #origin: Origin;
  readonly #responder: Responder;

  constructor(
    responder: Responder,
    of: { readonly wire: Wire; readonly inbox: string; readonly subject: string; readonly request: DecodedRequest },
  ) {
    this.#responder = responder;
    this.#wire = of.wire;
    this.inbox = of.inbox;
    this.#subject = of.subject;
    this.#origin = originOf(of.request);
    const { remembered, firstNumber } = of.request.header;
    this.call = remembered ? callOf(of.inbox, firstNumber) : undefined;
  }

  deliver(payload: Uint8Array): void {
    this.bytes = payload.length;
    this.#responder.deliver({ subject: this.#subject, payload, origin: this.#origin }, this);
  }

  succeed(parcel: Parcel): void {
    const reply = bytesOf(parcel);
    if (reply.length > MAX_PAYLOAD_BYTES) return this.fail('tooLarge');
    this.#leaveRoom();
    this.reply(reply);
    if (this.call !== undefined) this.#responder.answered(this.call, reply);
  }

  reply(reply: Uint8Array): void {
    this.#responder.sendReply(this.#wire, this.inbox, reply);
  }

  fail(code: BusFaultCode): void {
    this.#leaveRoom();
    this.#responder.send(this.#wire, this.inbox, faultFrame(code));
    if (this.isExecuted && this.call !== undefined) this.#responder.failed(this.call, code);
  }

  acknowledge(chunks: number): void {
    this.#responder.send(this.#wire, this.inbox, ackFrame(chunks));
  }

  #leaveRoom(): void {
    if (this.hasRoom) this.#responder.leaveRoom(this.bytes);
    this.hasRoom = false;
  }
}
