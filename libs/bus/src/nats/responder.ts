import type { Msg } from '@nats-io/transport-node';
import { type BusFaultCode, MAX_PAYLOAD_BYTES } from '../bus.ts';
import { bytesOf, type Parcel } from '../parcel.ts';
import { Expiring } from '../deadlines.ts';
import type { ReplyTo } from '../local-subscription.ts';
import type { Origin, ServingScope } from '../served-request.ts';
import type { SubjectTable } from '../subject-table.ts';
import { bytesOfChunk, IncomingChunks, OutgoingChunks } from './chunks.ts';
import {
  ackFrame,
  decodeNumbered,
  type DecodedRequest,
  decodeRequest,
  faultFrame,
  frameKind,
  FrameKind,
  numberedFrame,
  replyFrame,
} from './frames.ts';
import type { Session } from './session.ts';
import { bulkInbox, inboxPrefix, inboxSubject, subjectOfWire } from './subjects.ts';

/** Answers above this leave by the bulk connection. */
export const BULK_BYTES = 64 * 1024;
/** What all requests that are still arriving in chunks may announce together. */
const ARRIVING_LIMIT_BYTES = 2 * MAX_PAYLOAD_BYTES;

export interface ResponderOptions {
  readonly busId: string;
  readonly table: SubjectTable;
  readonly scope: ServingScope;
  readonly nextNumber: () => number;
  /** The connection that is up for large payloads, or any that is. */
  readonly bulkSession: () => Session | undefined;
  readonly anySession: () => Session | undefined;
}

/** The requests that came over the broker, their chunks, and the answers on their way back. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #arriving = new Map<string, ArrivingRequest>();
  readonly #leaving = new Map<number, LeavingReply>();
  readonly #replyInbox: string;
  #arrivingBytes = 0;
  #foreign = 0;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#replyInbox = inboxPrefix(options.busId, 'bulk');
  }

  /** Messages on our subjects that were not ours. */
  get foreignCount(): number {
    return this.#foreign;
  }

  receive(msg: Msg, session: Session): void {
    const { data, reply } = msg;
    const kind = frameKind(data);
    if (kind === undefined || reply === undefined || reply === '') return this.#ignore();
    if (kind === FrameKind.CHUNK) return this.#chunk(data, reply);
    if (kind !== FrameKind.REQUEST && kind !== FrameKind.REQUEST_START) return this.#ignore();
    const request = decodeRequest(data);
    if (request === undefined) return this.#ignore();
    const subject = subjectOfWire(msg.subject);
    const replyTo = new RemoteCaller(this, { session, inbox: reply, lifeMs: request.header.remainingMs });
    if (kind === FrameKind.REQUEST)
      this.#deliver({ subject, payload: request.body, origin: originOf(request) }, replyTo);
    else this.#start(subject, request, replyTo);
  }

  /** A caller says how much of an answer it has. */
  acknowledged(number: number, data: Uint8Array): void {
    const leaving = this.#leaving.get(number);
    const ack = decodeNumbered(data.subarray(2));
    if (leaving === undefined || ack === undefined) return;
    leaving.chunks.acknowledged(ack.number);
    if (leaving.chunks.isDone) this.drop(leaving);
  }

  /** Nobody waits for an answer any more. */
  noCaller(number: number): void {
    const leaving = this.#leaving.get(number);
    if (leaving !== undefined) this.drop(leaving);
  }

  /** Sends a small message by the connection the request came over, or by another one that is up. */
  send(session: Session, inbox: string, frame: Uint8Array): void {
    if (!session.publish(inbox, frame)) this.#options.anySession()?.publish(inbox, frame);
  }

  sendReply(session: Session, caller: { inbox: string; lifeMs: number }, payload: Uint8Array): void {
    const isBulk = payload.length > BULK_BYTES;
    const via = isBulk ? (this.#options.bulkSession() ?? session) : session;
    const inbox = isBulk ? bulkInbox(caller.inbox) : caller.inbox;
    if (payload.length <= via.limitBytes) return this.send(via, inbox, replyFrame(payload));
    const leaving = new LeavingReply(this, this.#options.nextNumber());
    const from = inboxSubject(this.#replyInbox, leaving.number);
    leaving.chunks = new OutgoingChunks(payload, bytesOfChunk(via.limitBytes), (index, data) => {
      const isFirst = index === 0;
      const kind = isFirst ? FrameKind.REPLY_START : FrameKind.CHUNK;
      via.publish(inbox, numberedFrame(kind, isFirst ? payload.length : index, data), from);
    });
    this.#leaving.set(leaving.number, leaving);
    const { deadlines } = this.#options.scope;
    deadlines.add(leaving, deadlines.nowMs() + caller.lifeMs);
    leaving.chunks.start();
  }

  drop(leaving: LeavingReply): void {
    this.#leaving.delete(leaving.number);
    this.#options.scope.deadlines.remove(leaving);
  }

  forget(arriving: ArrivingRequest): void {
    this.#arriving.delete(arriving.caller.inbox);
    this.#arrivingBytes -= arriving.chunks.payloadBytes;
    this.#options.scope.deadlines.remove(arriving);
  }

  #ignore(): void {
    this.#foreign += 1;
  }

  #deliver(delivery: { subject: string; payload: Uint8Array; origin: Origin }, replyTo: RemoteCaller): void {
    const subscription = this.#options.table.find(delivery.subject);
    if (subscription === undefined) replyTo.fail('noResponders');
    else subscription.deliver(delivery, replyTo);
  }

  #start(subject: string, request: DecodedRequest, caller: RemoteCaller): void {
    const start = decodeNumbered(request.body);
    if (start === undefined || this.#arriving.has(caller.inbox)) return this.#ignore();
    if (start.number > MAX_PAYLOAD_BYTES) return caller.fail('tooLarge');
    if (this.#arrivingBytes + start.number > ARRIVING_LIMIT_BYTES) return caller.fail('overloaded');
    const arriving = new ArrivingRequest(this, { subject, request, caller, chunks: new IncomingChunks(start.number) });
    this.#arriving.set(caller.inbox, arriving);
    this.#arrivingBytes += start.number;
    const { deadlines } = this.#options.scope;
    deadlines.add(arriving, deadlines.nowMs() + request.header.remainingMs);
    this.#add(arriving, 0, start.data);
  }

  #chunk(data: Uint8Array, inbox: string): void {
    const arriving = this.#arriving.get(inbox);
    const chunk = decodeNumbered(data.subarray(2));
    if (arriving === undefined || chunk === undefined) return this.#ignore();
    this.#add(arriving, chunk.number, chunk.data);
  }

  #add(arriving: ArrivingRequest, index: number, data: Uint8Array): void {
    const { chunks, caller, subject, origin } = arriving;
    if (!chunks.add(index, data)) return this.forget(arriving);
    caller.acknowledge(chunks.count);
    if (!chunks.isComplete) return;
    this.forget(arriving);
    this.#deliver({ subject, payload: chunks.payload(), origin }, caller);
  }
}

const originOf = ({ header }: DecodedRequest): Origin => ({
  timeoutMs: header.remainingMs,
  traceparent: header.traceparent,
  caller: header.caller,
});

/** The other side of a request that came over the broker. */
class RemoteCaller implements ReplyTo {
  readonly inbox: string;
  readonly #lifeMs: number;
  readonly #session: Session;
  readonly #responder: Responder;

  constructor(responder: Responder, from: { session: Session; inbox: string; lifeMs: number }) {
    this.#responder = responder;
    this.#session = from.session;
    this.inbox = from.inbox;
    this.#lifeMs = from.lifeMs;
  }

  succeed(parcel: Parcel): void {
    const reply = bytesOf(parcel);
    if (reply.length > MAX_PAYLOAD_BYTES) return this.fail('tooLarge');
    this.#responder.sendReply(this.#session, { inbox: this.inbox, lifeMs: this.#lifeMs }, reply);
  }

  fail(code: BusFaultCode): void {
    this.#responder.send(this.#session, this.inbox, faultFrame(code));
  }

  acknowledge(chunks: number): void {
    this.#responder.send(this.#session, this.inbox, ackFrame(chunks));
  }
}

class ArrivingRequest extends Expiring {
  readonly subject: string;
  readonly origin: Origin;
  readonly caller: RemoteCaller;
  readonly chunks: IncomingChunks;
  readonly #responder: Responder;

  constructor(
    responder: Responder,
    of: { subject: string; request: DecodedRequest; caller: RemoteCaller; chunks: IncomingChunks },
  ) {
    super();
    this.#responder = responder;
    this.subject = of.subject;
    this.origin = originOf(of.request);
    this.caller = of.caller;
    this.chunks = of.chunks;
  }

  override expire(): void {
    this.#responder.forget(this);
  }
}

class LeavingReply extends Expiring {
  readonly number: number;
  chunks: OutgoingChunks;
  readonly #responder: Responder;

  constructor(responder: Responder, number: number) {
    super();
    this.#responder = responder;
    this.number = number;
    this.chunks = new OutgoingChunks(new Uint8Array(), 1, () => undefined);
  }

  override expire(): void {
    this.#responder.drop(this);
  }
}
