import type { Clock } from '@duramesh/runtime';

const TTL_MS = 30_000;
const MAX_KEYS = 10_000;

/** Worker processes that said they are shutting down: a poll of theirs that arrives late must not get a task. */
export class ShutDownWorkers {
  readonly #clock: Clock;
  /** In the order of their expiry. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(workerInstanceKey: string): void {
    const now = this.#clock.now();
    for (const [key, untilMs] of this.#untilMs) {
      if (untilMs > now && this.#untilMs.size < MAX_KEYS) break;
      this.#untilMs.delete(key);
    }
    this.#untilMs.delete(workerInstanceKey);
    this.#untilMs.set(workerInstanceKey, now + TTL_MS);
  }

  has(workerInstanceKey: string): boolean {
    if (this.#untilMs.size === 0) return false;
    const untilMs = this.#untilMs.get(workerInstanceKey);
    return untilMs !== undefined && untilMs > this.#clock.now();
  }
}
