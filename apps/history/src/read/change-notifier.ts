import { runKeyOf } from '../shard/run-cache.ts';
import type { ExecutionKey } from '@duramesh/persistence';
import type { Clock } from '@duramesh/runtime';

/** Wakes long polls when their run has changed. A run nobody waits for costs nothing. */
export class ChangeNotifier {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  changed(key: ExecutionKey): void {
    if (this.#waiting.size === 0) return;
    const id = runKeyOf(key);
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    for (const wake of waiting) wake();
  }

  /** Everybody looks again: ownership changed, or the process stops. */
  changedAll(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) for (const wake of waiting) wake();
  }

  /**
   * Begins to listen now, before the caller reads the state, so that no change is missed in between. `done` resolves
   * at the next change, at the timeout, or when the signal aborts.
   */
  listen(key: ExecutionKey, waitMs: number, signal: AbortSignal): { readonly done: Promise<void>; stop(): void } {
    const id = runKeyOf(key);
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const timer = this.#clock.schedule(waitMs, () => stop());
    const stop = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', stop);
      const waiting = this.#waiting.get(id);
      waiting?.delete(stop);
      if (waiting?.size === 0) this.#waiting.delete(id);
      finish();
    };
    signal.addEventListener('abort', stop, { once: true });
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.add(stop);
    else this.#waiting.set(id, new Set([stop]));
    return { done, stop };
  }
}
