export interface ShortMemoryOptions<V> {
  /** What was put in is there for at least so long, and for less than twice as long, unless there is too much of it. */
  readonly keptMs: number;
  /** Of all weights together; half of it is forgotten at a time. */
  readonly limit: number;
  /** One of these is put in anew instead of being forgotten. */
  readonly isNeeded?: (value: V) => boolean;
}

/**
 * Remembers much for a short time. Two maps take turns, and the older one is dropped as a whole: to forget the oldest entry
 * of one map costs more the more were forgotten before it.
 */
export class ShortMemory<V> {
  readonly #options: ShortMemoryOptions<V>;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #youngWeight = 0;
  #turnedAtMs = -Infinity;

  constructor(options: ShortMemoryOptions<V>) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#young.size === 0 && this.#old.size === 0;
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: V, nowMs: number): void {
    this.#turn(nowMs);
    this.#old.delete(key);
    this.#young.set(key, value);
    this.#youngWeight += 1;
  }

  /** An entry has become heavier. */
  weigh(more: number): void {
    this.#youngWeight += more;
  }

  delete(key: string): void {
    if (!this.#young.delete(key)) this.#old.delete(key);
  }

  #turn(nowMs: number): void {
    const { keptMs, limit, isNeeded } = this.#options;
    if (nowMs - this.#turnedAtMs < keptMs && this.#youngWeight < limit / 2) return;
    const forgotten = this.#old;
    // After a long pause nothing of the younger ones is worth keeping either.
    const isLongAgo = nowMs - this.#turnedAtMs >= 2 * keptMs;
    this.#old = isLongAgo ? new Map() : this.#young;
    this.#turnedAtMs = nowMs;
    if (isNeeded !== undefined) {
      for (const entries of isLongAgo ? [forgotten, this.#young] : [forgotten]) {
        for (const [key, value] of entries) if (isNeeded(value)) this.#old.set(key, value);
      }
    }
    this.#young = new Map();
    this.#youngWeight = 0;
  }
}
