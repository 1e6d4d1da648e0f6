/** Payloads above this travel in chunks. */
export const WHOLE_LIMIT_BYTES = 512 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Every chunk but the last has as much: a payload is no heap of crumbs. */
const LEAST_CHUNK_BYTES = 1024;
/** Chunks on their way at once: a receiver that stops reading is not buried, nor is the broker. */
const WINDOW = 4;

export const bytesOfChunk = (limitBytes: number): number =>
  Math.max(LEAST_CHUNK_BYTES, Math.min(CHUNK_BYTES, limitBytes));

/** Sends chunk `index`; `data` is a view of the payload. */
export type SendChunk = (index: number, data: Uint8Array) => void;

/** A payload on its way out. The first chunk goes alone, in case nobody is there. */
export class OutgoingChunks {
  readonly #payload: Uint8Array;
  readonly #chunkBytes: number;
  readonly #send: SendChunk;
  readonly #count: number;
  #sent = 0;
  #acked = 0;

  constructor(payload: Uint8Array, chunkBytes: number, send: SendChunk) {
    this.#payload = payload;
    this.#chunkBytes = chunkBytes;
    this.#send = send;
    this.#count = Math.ceil(payload.length / chunkBytes);
  }

  get isDone(): boolean {
    return this.#acked >= this.#count;
  }

  start(): void {
    if (this.#sent === 0) this.#sendNext();
  }

  /** `count` chunks have arrived. */
  acknowledged(count: number): void {
    if (count <= this.#acked || count > this.#sent) return;
    this.#acked = count;
    while (this.#sent < this.#count && this.#sent - this.#acked < WINDOW) this.#sendNext();
  }

  #sendNext(): void {
    const index = this.#sent;
    this.#sent += 1;
    const from = index * this.#chunkBytes;
    this.#send(index, this.#payload.subarray(from, from + this.#chunkBytes));
  }
}

/** A payload on its way in. Memory is taken as chunks arrive, whatever size was announced. */
export class IncomingChunks {
  readonly payloadBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #received = 0;

  constructor(payloadBytes: number) {
    this.payloadBytes = payloadBytes;
  }

  /** Chunks that have arrived. */
  get count(): number {
    return this.#chunks.length;
  }

  get isComplete(): boolean {
    return this.#received === this.payloadBytes;
  }

  /** @returns false when the chunk does not belong here: the payload can no longer be completed */
  add(index: number, data: Uint8Array): boolean {
    const received = this.#received + data.length;
    if (index !== this.#chunks.length || received > this.payloadBytes) return false;
    if (data.length < LEAST_CHUNK_BYTES && received < this.payloadBytes) return false;
    this.#chunks.push(data);
    this.#received = received;
    return true;
  }

  payload(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
}
