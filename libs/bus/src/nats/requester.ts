import { RequestHeader } from '@duramesh/proto';
import { type BusFaultCode, MAX_PAYLOAD_BYTES, type RequestOptions } from '../bus.ts';
import type { Deadlines } from '../deadlines.ts';
import { bytesOf } from '../parcel.ts';
import { type PendingHome, PendingReply } from '../pending-reply.ts';
import { ownerFilter } from '../subject-table.ts';
import { bytesOfChunk, IncomingChunks, OutgoingChunks } from './chunks.ts';
import type { Drops } from './drops.ts';
import {
  ackFrame,
  decodeFault,
  decodeNumbered,
  type FaultOnWire,
  FrameKind,
  type Numbered,
  numberedFrame,
  requestFrame,
  requestStartFrame,
} from './frames.ts';
import type { Identity } from './identity.ts';
import { inboxSubject, type Lane, wireSubject } from './subjects.ts';
import type { Incoming, Wire } from './wire.ts';

/** A W3C trace context has 55 characters: what is far longer is none, and would not fit beside the payload. */
const LONGEST_TRACEPARENT = 256;

/** One request over the broker. */
class RemoteRequest implements PendingHome {
  readonly number: number;
  readonly wire: Wire;
  /** Where it was sent. */
  readonly subject: string;
  readonly pending: PendingReply;
  readonly deadlines: Deadlines;
  readonly #all: Map<number, RemoteRequest>;
  readonly #mayBeAskedAgain: boolean;
  outgoing: OutgoingChunks | undefined;
  incoming: { readonly chunks: IncomingChunks; readonly from: string; readonly wire: Wire } | undefined;

  constructor(
    of: { all: Map<number, RemoteRequest>; number: number; deadlines: Deadlines; wire: Wire; subject: string },
    to: Addressed,
  ) {
    this.number = of.number;
    this.wire = of.wire;
    this.subject = of.subject;
    this.deadlines = of.deadlines;
    this.#all = of.all;
    this.#all.set(this.number, this);
    this.pending = new PendingReply(to.subject, this, to.options);
    this.#mayBeAskedAgain = to.options.mayBeAskedAgain === true;
  }

  /** Its owner is among those that have left, and whoever asked will ask again. */
  isLeftBehind(filters: ReadonlySet<string>): boolean {
    return this.#mayBeAskedAgain && filters.has(ownerFilter(this.pending.subject));
  }

  onSettled(): void {
    this.#all.delete(this.number);
  }
}

export interface Addressed {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly options: RequestOptions;
}

export interface RequesterOptions {
  readonly identity: Identity;
  readonly deadlines: Deadlines;
  readonly drops: Drops;
  /** Where answers come in, followed by the number of the request. */
  readonly inboxes: Readonly<Record<Lane, string>>;
}

const FAULT_TEXTS: Partial<Record<BusFaultCode, string>> = {
  noResponders: 'nobody serves the subject',
  overloaded: 'the answering side has too much to do',
  tooLarge: 'the answer is too large',
  handlerFailed: 'the handler failed',
  incompatible: 'the answering side is of a release that does not understand this one',
};

/** The requests this bus has made over the broker and their answers. Whatever belongs to none of them is dropped. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #requests = new Map<number, RemoteRequest>();
  #lastNumber = 0;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  get pendingCount(): number {
    return this.#requests.size;
  }

  request(number: number, via: { wire: Wire; lane: Lane }, to: Addressed): Promise<Uint8Array> {
    const { wire, lane } = via;
    const { deadlines } = this.#options;
    const subject = wireSubject(to.subject, lane);
    this.#lastNumber = number;
    const request = new RemoteRequest({ all: this.#requests, number, deadlines, wire, subject }, to);
    if (!request.pending.isSettled) this.#send(request, lane, to);
    return request.pending.promise.then(bytesOf);
  }

  has(number: number): boolean {
    return this.#requests.has(number);
  }

  /** A message came to the inbox of a request. */
  receive(number: number, kind: FrameKind, message: { msg: Incoming; wire: Wire }): void {
    const { drops } = this.#options;
    const { data, subject } = message.msg;
    const request = this.#requests.get(number);
    if (request === undefined) return drops.add(number <= this.#lastNumber ? 'lateReply' : 'unknownReply', subject);
    if (kind === FrameKind.REPLY) return request.pending.succeed(data.subarray(2));
    if (kind === FrameKind.FAULT) return this.#refused(request, decodeFault(data));
    const numbered = decodeNumbered(data.subarray(2));
    if (numbered === undefined) return drops.add('damaged', subject);
    if (kind === FrameKind.ACK) request.outgoing?.acknowledged(numbered.number);
    else if (kind === FrameKind.REPLY_START) this.#start(request, numbered, message);
    else if (kind === FrameKind.CHUNK) this.#continue(request, numbered, message);
    else drops.add('foreign', subject);
  }

  noResponders(number: number): void {
    const request = this.#requests.get(number);
    if (request !== undefined) fail(request, 'noResponders');
  }

  /** The broker let nothing through to this subject. */
  forbidden(subject: string): void {
    for (const request of this.#requests.values()) {
      if (request.subject === subject) request.pending.fail('forbidden', 'the broker does not allow this request');
    }
  }

  /** An owner has let go of what these filters name: what it has not answered it will not answer. */
  left(filters: ReadonlySet<string>): void {
    for (const request of this.#requests.values()) {
      if (request.incoming !== undefined || !request.isLeftBehind(filters)) continue;
      request.pending.fail('left', 'the owner has let go of the subject');
    }
  }

  wireDown(wire: Wire): void {
    for (const request of this.#requests.values()) {
      if (request.wire !== wire && request.incoming?.wire !== wire) continue;
      request.pending.fail('disconnected', 'the connection was lost');
    }
  }

  failAll(code: BusFaultCode, message: string): void {
    for (const request of this.#requests.values()) request.pending.fail(code, message);
  }

  #send(request: RemoteRequest, lane: Lane, { payload, options }: Addressed): void {
    const { wire, number, subject } = request;
    const header = this.#header(options, number);
    const inbox = inboxSubject(this.#options.inboxes[lane], number);
    const publish = (frame: Uint8Array): void => {
      if (!wire.publish(subject, frame, inbox)) request.pending.fail('disconnected', 'the connection was lost');
    };
    if (payload.length <= wire.limitBytes) return publish(requestFrame(header, payload));
    request.outgoing = new OutgoingChunks(payload, bytesOfChunk(wire.limitBytes), (index, data) => {
      if (index === 0) publish(requestStartFrame(header, payload.length, data));
      else publish(numberedFrame(FrameKind.CHUNK, index, data));
    });
    request.outgoing.start();
  }

  #header({ timeoutMs, traceparent = '', caller = '', call }: RequestOptions, number: number): Uint8Array {
    const { contractVersion, cluster } = this.#options.identity;
    if (call?.firstNumber === 0) call.firstNumber = number;
    return RequestHeader.encode({
      remainingMs: Math.ceil(call?.isRemembered === true ? call.remainingMs : timeoutMs),
      traceparent: traceparent.length > LONGEST_TRACEPARENT ? '' : traceparent,
      caller,
      attempt: call?.attempt ?? 1,
      contractVersion,
      cluster,
      firstNumber: call === undefined || call.firstNumber === number ? 0 : call.firstNumber,
      remembered: call?.isRemembered === true,
    });
  }

  #refused(request: RemoteRequest, code: FaultOnWire): void {
    if (code === 'otherCluster') this.#options.drops.add(code, `an answer to ${request.subject}`);
    else fail(request, code);
  }

  #start(request: RemoteRequest, start: Numbered, { msg, wire }: { msg: Incoming; wire: Wire }): void {
    if (msg.reply === undefined || msg.reply === '') return this.#options.drops.add('damaged', msg.subject);
    if (request.incoming !== undefined) return; // a copy that came by another connection
    if (start.number > MAX_PAYLOAD_BYTES) return fail(request, 'tooLarge');
    request.incoming = { chunks: new IncomingChunks(start.number), from: msg.reply, wire };
    this.#continue(request, { number: 0, data: start.data }, { msg, wire });
  }

  #continue(request: RemoteRequest, chunk: Numbered, { msg, wire }: { msg: Incoming; wire: Wire }): void {
    const { incoming } = request;
    if (incoming === undefined || incoming.from !== msg.reply) {
      return this.#options.drops.add('unknownReply', msg.subject);
    }
    const { count } = incoming.chunks;
    const isCopy = chunk.number < count || (chunk.number > count && wire !== incoming.wire);
    if (isCopy) return;
    if (!incoming.chunks.add(chunk.number, chunk.data)) {
      return request.pending.fail('disconnected', 'a part of the answer was lost');
    }
    wire.publish(incoming.from, ackFrame(incoming.chunks.count));
    if (incoming.chunks.isComplete) request.pending.succeed(incoming.chunks.payload());
  }
}

function fail(request: RemoteRequest, code: BusFaultCode): void {
  request.pending.fail(code, FAULT_TEXTS[code] ?? 'no answer');
}
