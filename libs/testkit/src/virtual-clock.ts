import { AssertionError, type Clock, type Timer, type TimestampMs } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';

interface Entry {
  readonly at: TimestampMs;
  /** Timers due at one instant run in the order they were made. */
  readonly order: number;
  run: (() => void) | undefined;
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** 2026-01-01T00:00:00Z */
const EPOCH_MS = 1_767_225_600_000;

/** Time that stands still until a test advances it. The same timers always run in the same order. */
export class VirtualClock implements Clock {
  readonly #heap: Entry[] = [];
  readonly #startedAt: TimestampMs;
  #now: TimestampMs;
  #order = 0;
  #live = 0;
  #deferred = 0;

  constructor(startAt: TimestampMs = EPOCH_MS) {
    this.#startedAt = startAt;
    this.#now = startAt;
  }

  now(): TimestampMs {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#now - this.#startedAt;
  }

  /** Timers that have neither run nor been cancelled: 0 is what "idle" looks like. */
  get pendingTimers(): number {
    return this.#live;
  }

  schedule(delayMs: number, run: () => void): Timer {
    // In whole milliseconds, as the system's timers: a sliver of one added to a date is lost, and time would stand still.
    const entry: Entry = { at: this.#now + Math.max(Math.ceil(delayMs), 0), order: this.#order++, run };
    this.#live += 1;
    this.#push(entry);
    return {
      cancel: () => {
        if (entry.run === undefined) return;
        entry.run = undefined;
        this.#live -= 1;
      },
    };
  }

  /** Takes no virtual time: deferred work runs by itself, also while time stands still. */
  defer(run: () => void): void {
    this.#deferred += 1;
    systemClock.defer(() => {
      this.#deferred -= 1;
      run();
    });
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.schedule(durationMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets time pass: runs each timer that comes due at its own instant, and lets promises come to rest in between. */
  async advance(durationMs: number): Promise<void> {
    const until = this.#now + durationMs;
    await this.settle();
    while (await this.#runNext(until));
    this.#now = until;
  }

  /** Advances from timer to timer until `promise` settles, and gives its outcome. */
  async runUntil<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    const until = this.#now + limitMs;
    await this.settle();
    while (!isSettled) {
      if (await this.#runNext(until)) continue;
      throw new AssertionError(`not settled: no timer is left within ${limitMs} ms that could settle it`);
    }
    return promise;
  }

  /** Lets promises and deferred work come to rest; no virtual time passes. */
  async settle(): Promise<void> {
    do await new Promise<void>((resolve) => systemClock.defer(resolve));
    while (this.#deferred > 0);
  }

  async #runNext(until: TimestampMs): Promise<boolean> {
    const entry = this.#peek();
    if (entry === undefined || entry.at > until) return false;
    this.#pop();
    const run = entry.run;
    entry.run = undefined;
    this.#live -= 1;
    this.#now = entry.at;
    run?.();
    await this.settle();
    return true;
  }

  #peek(): Entry | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) this.#pop();
    return this.#heap[0];
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const entry = heap.pop();
    if (entry === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = heap[leftAt];
      const right = heap[leftAt + 1];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(entry, child)) break;
      heap[at] = child;
      at = isRight ? leftAt + 1 : leftAt;
    }
    heap[at] = entry;
  }
}
