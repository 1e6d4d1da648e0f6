import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

export interface UntilOptions {
  /** What is waited for, as the error says it. */
  readonly what: string;
  readonly withinMs: number;
}

/** Asks again and again until the answer is truthy. What the probe throws counts as `not yet` and is the cause when time is up. */
export async function until<T>(
  probe: () => T | Promise<T>,
  { what, withinMs }: UntilOptions,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer as Exclude<T, false | undefined | null>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`, { cause });
    await pause(POLL_MS);
  }
}

/** Rejects when `promise` has not settled in time. */
export async function within<T>(promise: Promise<T>, { what, withinMs }: UntilOptions): Promise<T> {
  const timer = new AbortController();
  try {
    const late = pause(withinMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`${what}: not within ${withinMs / 1000} s`);
    });
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
