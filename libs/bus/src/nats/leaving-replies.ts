import { MAX_PAYLOAD_BYTES } from '../bus.ts';
import { type Deadlines, Expiring } from '../deadlines.ts';
import { bytesOfChunk, OutgoingChunks } from './chunks.ts';
import { FrameKind, numberedFrame } from './frames.ts';
import { inboxSubject } from './subjects.ts';
import type { Wire } from './wire.ts';

/** What all answers that are still leaving may have together. */
const LIMIT_BYTES = 2 * MAX_PAYLOAD_BYTES;
/** A caller acknowledges within milliseconds: one that is silent so long is gone. */
const STALLED_MS = 10_000;

/** Answers that leave in chunks, until the caller has all of them. */
export class LeavingReplies {
  readonly #deadlines: Deadlines;
  /** Where acknowledgements come in, followed by the number of the answer. */
  readonly #inbox: string;
  readonly #nextNumber: () => number;
  readonly #leaving = new Map<number, LeavingReply>();
  #bytes = 0;

  constructor(deadlines: Deadlines, inbox: string, nextNumber: () => number) {
    this.#deadlines = deadlines;
    this.#inbox = inbox;
    this.#nextNumber = nextNumber;
  }

  get count(): number {
    return this.#leaving.size;
  }

  /** @returns false when too much is on its way already */
  send(wire: Wire, inbox: string, payload: Uint8Array): boolean {
    if (this.#bytes + payload.length > LIMIT_BYTES) return false;
    const number = this.#nextNumber();
    const from = inboxSubject(this.#inbox, number);
    const chunks = new OutgoingChunks(payload, bytesOfChunk(wire.limitBytes), (index, data) => {
      const isFirst = index === 0;
      const kind = isFirst ? FrameKind.REPLY_START : FrameKind.CHUNK;
      wire.publish(inbox, numberedFrame(kind, isFirst ? payload.length : index, data), from);
    });
    const leaving = new LeavingReply(chunks, payload.length, () => this.drop(number));
    this.#leaving.set(number, leaving);
    this.#bytes += payload.length;
    this.#deadlines.add(leaving, this.#deadlines.nowMs() + STALLED_MS);
    chunks.start();
    return true;
  }

  /** The caller says how many chunks it has. @returns false when there is no such answer */
  acknowledged(number: number, count: number): boolean {
    const leaving = this.#leaving.get(number);
    if (leaving === undefined) return false;
    leaving.chunks.acknowledged(count);
    this.#deadlines.remove(leaving);
    if (leaving.chunks.isDone) this.drop(number);
    else this.#deadlines.add(leaving, this.#deadlines.nowMs() + STALLED_MS);
    return true;
  }

  /** Nobody waits for the answer any more. */
  drop(number: number): void {
    const leaving = this.#leaving.get(number);
    if (leaving === undefined) return;
    this.#leaving.delete(number);
    this.#bytes -= leaving.bytes;
    this.#deadlines.remove(leaving);
  }
}

class LeavingReply extends Expiring {
  readonly chunks: OutgoingChunks;
  readonly bytes: number;
  readonly #onStalled: () => void;

  constructor(chunks: OutgoingChunks, bytes: number, onStalled: () => void) {
    super();
    this.chunks = chunks;
    this.bytes = bytes;
    this.#onStalled = onStalled;
  }

  override expire(): void {
    this.#onStalled();
  }
}
