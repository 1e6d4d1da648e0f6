import { MAX_PAYLOAD_BYTES } from '../bus.ts';
import { type Deadlines, Expiring } from '../deadlines.ts';
import { IncomingChunks } from './chunks.ts';
import type { Drops } from './drops.ts';
import type { Numbered } from './frames.ts';

/** What all requests that are still arriving may announce together, and how many they may be. */
const LIMIT_BYTES = 2 * MAX_PAYLOAD_BYTES;
const LIMIT = 1024;
/** Chunks follow each other within milliseconds: what stands still so long was given up. */
const STALLED_MS = 10_000;

/** Who sends a request in chunks. */
export interface ChunkSender {
  /** Where acknowledgements go; one request at a time comes from there. */
  readonly inbox: string;
  acknowledge(chunks: number): void;
  fail(code: 'tooLarge' | 'overloaded'): void;
  /** All of it is there. */
  deliver(payload: Uint8Array): void;
}

/** Requests that come in chunks, until they are whole. What stops arriving is forgotten. */
export class ArrivingRequests {
  readonly #deadlines: Deadlines;
  readonly #drops: Drops;
  readonly #arriving = new Map<string, ArrivingRequest>();
  #bytes = 0;

  constructor(deadlines: Deadlines, drops: Drops) {
    this.#deadlines = deadlines;
    this.#drops = drops;
  }

  get count(): number {
    return this.#arriving.size;
  }

  start(sender: ChunkSender, { number: payloadBytes, data }: Numbered): void {
    if (this.#arriving.has(sender.inbox)) return this.#drops.add('damaged', sender.inbox);
    if (payloadBytes > MAX_PAYLOAD_BYTES) {
      this.#drops.add('tooLarge', sender.inbox);
      return sender.fail('tooLarge');
    }
    if (this.#arriving.size >= LIMIT || this.#bytes + payloadBytes > LIMIT_BYTES) return sender.fail('overloaded');
    const arriving = new ArrivingRequest(sender, new IncomingChunks(payloadBytes), (it) => this.#giveUp(it));
    this.#arriving.set(sender.inbox, arriving);
    this.#bytes += payloadBytes;
    this.#add(arriving, 0, data);
  }

  chunk(inbox: string, { number, data }: Numbered): void {
    const arriving = this.#arriving.get(inbox);
    if (arriving === undefined) return this.#drops.add('incomplete', inbox);
    this.#add(arriving, number, data);
  }

  #add(arriving: ArrivingRequest, index: number, data: Uint8Array): void {
    const { chunks, sender } = arriving;
    if (index !== chunks.count) return; // a copy that came by another connection; if it is a gap, the rest never comes
    if (!chunks.add(index, data)) return this.#giveUp(arriving);
    sender.acknowledge(chunks.count);
    this.#deadlines.remove(arriving);
    if (!chunks.isComplete) return this.#deadlines.add(arriving, this.#deadlines.nowMs() + STALLED_MS);
    this.#forget(arriving);
    sender.deliver(chunks.payload());
  }

  #giveUp(arriving: ArrivingRequest): void {
    this.#drops.add('incomplete', arriving.sender.inbox);
    this.#forget(arriving);
  }

  #forget(arriving: ArrivingRequest): void {
    this.#arriving.delete(arriving.sender.inbox);
    this.#bytes -= arriving.chunks.payloadBytes;
    this.#deadlines.remove(arriving);
  }
}

class ArrivingRequest extends Expiring {
  readonly sender: ChunkSender;
  readonly chunks: IncomingChunks;
  readonly #onStalled: (arriving: ArrivingRequest) => void;

  constructor(sender: ChunkSender, chunks: IncomingChunks, onStalled: (arriving: ArrivingRequest) => void) {
    super();
    this.sender = sender;
    this.chunks = chunks;
    this.#onStalled = onStalled;
  }

  override expire(): void {
    this.#onStalled(this);
  }
}
