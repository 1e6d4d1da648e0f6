import type { BusFaultCode } from '../bus.ts';
import type { Deadlines } from '../deadlines.ts';
import { ReplyKind } from '../reply.ts';
import { ShortMemory } from './short-memory.ts';

/** Longer than a call is tried. */
const KEPT_MS = 15_000;
const LIMIT_BYTES = 32 * 1024 * 1024;
/** What an answer takes up beside its bytes. */
const ENTRY_BYTES = 256;

/** Where the answer to one attempt goes. */
export interface AttemptCaller {
  reply(reply: Uint8Array): void;
  fail(code: BusFaultCode): void;
}

interface Remembered {
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
  /** By `callOf`. */
  readonly #calls = new ShortMemory<Remembered>({
    keptMs: KEPT_MS,
    limit: LIMIT_BYTES,
    isNeeded: ({ reply }) => reply === undefined,
  });

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** @returns false when this attempt is to be executed; its outcome must be told then */
  join(call: string, caller: AttemptCaller): boolean {
    const known = this.#calls.get(call);
    if (known === undefined) {
      this.#calls.set(call, { reply: undefined, waiting: [] }, this.#deadlines.nowMs());
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
    if (reply[0] === ReplyKind.NOT_OWNER) return this.#calls.delete(call);
    // Small answers share buffers with much that nobody keeps.
    known.reply = new Uint8Array(reply);
    this.#calls.weigh(ENTRY_BYTES + reply.byteLength);
  }

  failed(call: string, code: BusFaultCode): void {
    for (const caller of this.#calls.get(call)?.waiting ?? []) caller.fail(code);
    this.#calls.delete(call);
  }
}
