import { RequestHeader } from '@duramesh/proto';
import type { Msg } from '@nats-io/transport-node';
import { type BusFaultCode, MAX_PAYLOAD_BYTES, type RequestOptions } from '../bus.ts';
import type { Deadlines } from '../deadlines.ts';
import { bytesOf } from '../parcel.ts';
import { type PendingHome, PendingReply } from '../pending-reply.ts';
import { bytesOfChunk, IncomingChunks, OutgoingChunks } from './chunks.ts';
import {
  ackFrame,
  decodeFault,
  decodeNumbered,
  FrameKind,
  type Numbered,
  numberedFrame,
  requestFrame,
  requestStartFrame,
} from './frames.ts';
import type { Session } from './session.ts';
import { inboxPrefix, inboxSubject, type Lane, wireSubject } from './subjects.ts';

/** One request over the broker. */
class RemoteRequest implements PendingHome {
  readonly number: number;
  readonly session: Session;
  readonly pending: PendingReply;
  readonly deadlines: Deadlines;
  readonly #all: Map<number, RemoteRequest>;
  outgoing: OutgoingChunks | undefined;
  incoming: { readonly chunks: IncomingChunks; readonly from: string; readonly session: Session } | undefined;

  constructor(
    of: { all: Map<number, RemoteRequest>; number: number; deadlines: Deadlines; session: Session },
    to: Addressed,
  ) {
    this.number = of.number;
    this.session = of.session;
    this.deadlines = of.deadlines;
    this.#all = of.all;
    this.#all.set(this.number, this);
    this.pending = new PendingReply(to.subject, this, to.options);
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

const FAULT_TEXTS: Partial<Record<BusFaultCode, string>> = {
  noResponders: 'nobody serves the subject',
  overloaded: 'the answering side has too much to do',
  tooLarge: 'the answer is too large',
  handlerFailed: 'the handler failed',
};

/** The requests this bus has made over the broker and their answers. Whatever belongs to none of them is dropped. */
export class Requester {
  readonly #deadlines: Deadlines;
  readonly #inboxes: Readonly<Record<Lane, string>>;
  readonly #requests = new Map<number, RemoteRequest>();

  constructor(busId: string, deadlines: Deadlines) {
    this.#deadlines = deadlines;
    this.#inboxes = { control: inboxPrefix(busId, 'control'), bulk: inboxPrefix(busId, 'bulk') };
  }

  get pendingCount(): number {
    return this.#requests.size;
  }

  request(number: number, via: { session: Session; lane: Lane }, to: Addressed): Promise<Uint8Array> {
    const { session, lane } = via;
    const request = new RemoteRequest({ all: this.#requests, number, deadlines: this.#deadlines, session }, to);
    if (!request.pending.isSettled) this.#send(request, lane, to);
    return request.pending.promise.then(bytesOf);
  }

  has(number: number): boolean {
    return this.#requests.has(number);
  }

  /** A message came to the inbox of a request. */
  receive(number: number, kind: FrameKind, message: { msg: Msg; session: Session }): void {
    const request = this.#requests.get(number);
    if (request === undefined) return;
    const { data } = message.msg;
    if (kind === FrameKind.REPLY) return request.pending.succeed(data.subarray(2));
    if (kind === FrameKind.FAULT) return fail(request, decodeFault(data));
    const numbered = decodeNumbered(data.subarray(2));
    if (numbered === undefined) return;
    if (kind === FrameKind.ACK) request.outgoing?.acknowledged(numbered.number);
    else if (kind === FrameKind.REPLY_START) this.#start(request, numbered, message);
    else if (kind === FrameKind.CHUNK) this.#continue(request, numbered, message);
  }

  noResponders(number: number): void {
    const request = this.#requests.get(number);
    if (request !== undefined) fail(request, 'noResponders');
  }

  sessionDown(session: Session): void {
    for (const request of this.#requests.values()) {
      if (request.session !== session && request.incoming?.session !== session) continue;
      request.pending.fail('disconnected', 'the connection was lost');
    }
  }

  failAll(code: BusFaultCode, message: string): void {
    for (const request of this.#requests.values()) request.pending.fail(code, message);
  }

  #send(request: RemoteRequest, lane: Lane, { subject, payload, options }: Addressed): void {
    const { session, number } = request;
    const { traceparent = '', caller = '', attempt = 1 } = options;
    const header = RequestHeader.encode({ remainingMs: Math.ceil(options.timeoutMs), traceparent, caller, attempt });
    const wire = wireSubject(subject, lane);
    const inbox = inboxSubject(this.#inboxes[lane], number);
    const publish = (frame: Uint8Array): void => {
      if (!session.publish(wire, frame, inbox)) request.pending.fail('disconnected', 'the connection was lost');
    };
    if (payload.length <= session.limitBytes) return publish(requestFrame(header, payload));
    request.outgoing = new OutgoingChunks(payload, bytesOfChunk(session.limitBytes), (index, data) => {
      if (index === 0) publish(requestStartFrame(header, payload.length, data));
      else publish(numberedFrame(FrameKind.CHUNK, index, data));
    });
    request.outgoing.start();
  }

  #start(request: RemoteRequest, start: Numbered, { msg, session }: { msg: Msg; session: Session }): void {
    if (request.incoming !== undefined || msg.reply === undefined || msg.reply === '') return;
    if (start.number > MAX_PAYLOAD_BYTES) return fail(request, 'tooLarge');
    request.incoming = { chunks: new IncomingChunks(start.number), from: msg.reply, session };
    this.#continue(request, { number: 0, data: start.data }, { msg, session });
  }

  #continue(request: RemoteRequest, chunk: Numbered, { msg, session }: { msg: Msg; session: Session }): void {
    const { incoming } = request;
    if (incoming === undefined || incoming.from !== msg.reply) return;
    if (!incoming.chunks.add(chunk.number, chunk.data)) {
      return request.pending.fail('disconnected', 'a part of the answer was lost');
    }
    session.publish(incoming.from, ackFrame(incoming.chunks.count));
    if (incoming.chunks.isComplete) request.pending.succeed(incoming.chunks.payload());
  }
}

function fail(request: RemoteRequest, code: BusFaultCode): void {
  request.pending.fail(code, FAULT_TEXTS[code] ?? 'no answer');
}
