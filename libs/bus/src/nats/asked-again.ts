import type { RequestHeader } from '@duramesh/proto';
import type { Deadlines } from '../deadlines.ts';
import { ShortMemory } from './short-memory.ts';
import { callOf } from './subjects.ts';

/** A broker that stood still is given up by its neighbours long before. */
const KEPT_MS = 10 * 60_000;
const LIMIT = 40_000;

/**
 * Calls that were asked again. A broker that stands still for seconds and goes on delivers what it had kept: by then a later
 * attempt of the same call may have been refused, and the caller told so, or have closed what the earlier one would find
 * open. So what comes behind a later attempt is not executed. Of calls that are asked once, which is nearly all, nothing is
 * kept.
 */
export class AskedAgain {
  readonly #deadlines: Deadlines;
  /** The latest attempt of each. */
  readonly #attempts = new ShortMemory<number>({ keptMs: KEPT_MS, limit: LIMIT });

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** Notes the attempt. @returns whether a later one has come before it */
  isOutdated(inbox: string, { attempt, firstNumber }: Pick<RequestHeader, 'attempt' | 'firstNumber'>): boolean {
    const isFurther = firstNumber !== 0;
    if (!isFurther && this.#attempts.isEmpty) return false;
    const call = callOf(inbox, firstNumber);
    if ((this.#attempts.get(call) ?? 0) > attempt) return true;
    if (isFurther) this.#attempts.set(call, attempt, this.#deadlines.nowMs());
    return false;
  }
}
