import type { BusFaultCode } from '../bus.ts';
import type { Deadlines } from '../deadlines.ts';
import { ReplyKind } from '../reply.ts';

/** Longer than a call is tried. */
const KEPT_MS = 15_000;
const LIMIT = 50_000;
const LIMIT_BYTES = 32 * 1024 * 1024;

/** Where the answer to one attempt goes. */
export interface AttemptCaller {
  reply(reply: Uint8Array): void;
  fail(code: BusFaultCode): void;
}

interface Remembered {
  readonly atMs: number;
  /** Undefined while it is being executed. */
  reply: Uint8Array | undefined;
  /** Further attempts that came meanwhile. */
  readonly waiting: AttemptCaller[];
}

/**
 * Answers that may be wanted again. When an answer is lost, with a broker or a connection, the call is tried again, and by
 * then the run it was about may have ended: a signal-with-start would start another run, a worker's answer come too late. So
 * a further attempt waits for the first one, or is given its answer, and is not executed.
 */
export class RememberedAnswers {
  readonly #deadlines: Deadlines;
  /** By `callOf`, the latest last. */
  readonly #calls = new Map<string, Remembered>();
  #bytes = 0;

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** @returns false when this attempt is to be executed; its outcome must be told then */
  join(call: string, caller: AttemptCaller): boolean {
    const known = this.#calls.get(call);
    if (known === undefined) {
      const atMs = this.#deadlines.nowMs();
      this.#forgetOld(atMs);
      this.#calls.set(call, { atMs, reply: undefined, waiting: [] });
      return false;
    }
    if (known.reply === undefined) known.waiting.push(caller);
    else caller.reply(known.reply);
    return true;
  }

  /** An owner that has changed has executed nothing. */
  answered(call: string, reply: Uint8Array): void {
    const known = this.#calls.get(call);
    if (known === undefined) return;
    for (const caller of known.waiting.splice(0)) caller.reply(reply);
    if (reply[0] === ReplyKind.NOT_OWNER) return void this.#calls.delete(call);
    // Small answers share buffers with much that nobody keeps.
    known.reply = new Uint8Array(reply);
    this.#bytes += reply.byteLength;
  }

  failed(call: string, code: BusFaultCode): void {
    for (const caller of this.#calls.get(call)?.waiting ?? []) caller.fail(code);
    this.#calls.delete(call);
  }

  #forgetOld(nowMs: number): void {
    for (const [call, known] of this.#calls) {
      const isKept = known.atMs > nowMs - KEPT_MS && this.#calls.size < LIMIT && this.#bytes < LIMIT_BYTES;
      if (isKept) return;
      this.#calls.delete(call);
      if (known.reply === undefined && known.atMs < nowMs) this.#calls.set(call, { ...known, atMs: nowMs });
      else this.#bytes -= known.reply?.byteLength ?? 0;
    }
  }
}
