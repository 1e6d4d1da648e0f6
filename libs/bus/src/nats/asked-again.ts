import type { RequestHeader } from '@duramesh/proto';
import type { Deadlines } from '../deadlines.ts';
import { callOf } from './subjects.ts';

/** A broker that stood still is given up by its neighbours long before. */
const KEPT_MS = 10 * 60_000;
const LIMIT = 20_000;

interface Asked {
  readonly attempt: number;
  readonly atMs: number;
}

/**
 * Calls that were asked again. A broker that stands still for seconds and goes on delivers what it had kept: by then a later
 * attempt of the same call may have been refused, and the caller told so, or have closed what the earlier one would find
 * open. So what comes behind a later attempt is not executed. Of calls that are asked once, which is nearly all, nothing is
 * kept.
 */
export class AskedAgain {
  readonly #deadlines: Deadlines;
  /** The latest last. */
  readonly #calls = new Map<string, Asked>();

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** Notes the attempt. @returns whether a later one has come before it */
  isOutdated(inbox: string, { attempt, firstNumber }: Pick<RequestHeader, 'attempt' | 'firstNumber'>): boolean {
    const isFurther = firstNumber !== 0;
    if (!isFurther && this.#calls.size === 0) return false;
    const nowMs = this.#deadlines.nowMs();
    this.#forgetOld(nowMs);
    const call = callOf(inbox, firstNumber);
    const latest = this.#calls.get(call);
    if (latest !== undefined && latest.attempt > attempt) return true;
    if (!isFurther) return false;
    this.#calls.delete(call);
    this.#calls.set(call, { attempt, atMs: nowMs });
    return false;
  }

  #forgetOld(nowMs: number): void {
    for (const [call, { atMs }] of this.#calls) {
      if (atMs > nowMs - KEPT_MS && this.#calls.size < LIMIT) return;
      this.#calls.delete(call);
    }
  }
}
