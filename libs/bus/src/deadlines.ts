import type { Clock, Timer } from '@duramesh/runtime';

/** Deadlines are met up to this much late, so that requests made close together share one timer. */
export const DEADLINE_TICK_MS = 10;

/** Something that ends by itself when its time is up. */
export abstract class Expiring {
  /** Owned by {@link Deadlines}: neighbours in the list of what expires at one tick. */
  before: Expiring | undefined;
  after: Expiring | undefined;
  tick: Tick | undefined;

  abstract expire(): void;
}

interface Tick {
  head: Expiring | undefined;
}

/**
 * The deadlines of everything in flight, on one timer.
 * Adding and removing cost no timer; a tick nothing is left in costs one wake-up at most.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #ticks = new Map<number, Tick>();
  #timer: Timer | undefined;
  #armedFor = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** `atMs` is monotonic time. */
  add(entry: Expiring, atMs: number): void {
    const number = Math.ceil(atMs / DEADLINE_TICK_MS);
    let tick = this.#ticks.get(number);
    if (tick === undefined) {
      tick = { head: undefined };
      this.#ticks.set(number, tick);
      if (number < this.#armedFor) this.#arm(number);
    }
    const { head } = tick;
    entry.tick = tick;
    entry.after = head;
    if (head !== undefined) head.before = entry;
    tick.head = entry;
  }

  remove(entry: Expiring): void {
    const { tick, before, after } = entry;
    if (tick === undefined) return;
    if (before === undefined) tick.head = after;
    else before.after = after;
    if (after !== undefined) after.before = before;
    entry.before = entry.after = entry.tick = undefined;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#ticks.clear();
  }

  #arm(number: number): void {
    this.#timer?.cancel();
    this.#armedFor = number;
    this.#timer = this.#clock.schedule(number * DEADLINE_TICK_MS - this.nowMs(), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.nowMs();
    this.#timer = undefined;
    this.#armedFor = -Infinity; // what expires may add deadlines: they are seen below
    for (const [number, tick] of this.#ticks) {
      const isDue = number * DEADLINE_TICK_MS <= nowMs;
      if (isDue || tick.head === undefined) this.#ticks.delete(number);
      if (isDue) this.#expireAll(tick);
    }
    let next = Infinity;
    for (const number of this.#ticks.keys()) if (number < next) next = number;
    this.#armedFor = Infinity;
    if (next < Infinity) this.#arm(next);
  }

  #expireAll(tick: Tick): void {
    while (tick.head !== undefined) {
      const entry = tick.head;
      this.remove(entry);
      entry.expire();
    }
  }
}
