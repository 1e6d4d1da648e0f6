/** What one task of weight 1 moves its key back by. */
const STRIDE = 1_000;
const MIN_WEIGHT = 0.001;

/** How far a task of this weight moves its key back: the heavier, the less. */
export const strideOf = (weight: number): number => Math.max(1, Math.round(STRIDE / Math.max(weight, MIN_WEIGHT)));

interface Place {
  lastPass: number;
  /** No task of the key has a higher pass. Otherwise the store may hold some that memory has not seen. */
  isSure: boolean;
}

/**
 * Turns within one priority level, by stride scheduling: each task of a key stands one stride behind the one before
 * it, and whoever has the lowest pass goes first. A key that comes new, or comes back, starts where the others are
 * now: it neither waits for their backlog nor is owed for the time it was away. Under one key passes only rise: first
 * come first served.
 *
 * Passes are stored with the tasks, so shares survive a reload: the level goes on at the pass of its first row, and
 * where a key was is read from its rows in the store when memory does not know. Only so many keys are remembered.
 */
export class FairShares {
  readonly #maxKeys: number;
  readonly #places = new Map<string, Place>();
  /** Of the task that went last. */
  #now = 0;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** The pass of somebody who need not queue. */
  get now(): number {
    return this.#now;
  }

  get keys(): number {
    return this.#places.size;
  }

  isKnown(key: string): boolean {
    return this.#places.has(key);
  }

  /** Whether `place` can be asked, when the store may have tasks of the key that memory does not know. */
  isSure(key: string): boolean {
    return this.#places.get(key)?.isSure === true;
  }

  /** The pass of the key's next task. */
  place(key: string, stride: number): number {
    const place = this.#places.get(key);
    const pass = place === undefined ? this.#now : Math.max(this.#now, place.lastPass + stride);
    if (place !== undefined) {
      place.lastPass = pass;
      place.isSure = true;
    } else this.#remember(key, { lastPass: pass, isSure: true });
    return pass;
  }

  /** A stored task of the key has this pass. `isLast`: and none a higher one. */
  learn(key: string, pass: number, isLast: boolean): void {
    const place = this.#places.get(key);
    if (place === undefined) return this.#remember(key, { lastPass: pass, isSure: isLast });
    place.lastPass = Math.max(place.lastPass, pass);
    place.isSure ||= isLast;
  }

  /** Its first task goes next: what comes new starts there. */
  resume(pass: number): void {
    this.#now = Math.max(this.#now, pass);
  }

  #remember(key: string, place: Place): void {
    if (this.#places.size >= this.#maxKeys) this.#forgetSome();
    this.#places.set(key, place);
  }

  /** Those that would start at the front anyhow, then those remembered longest. */
  #forgetSome(): void {
    for (const [key, { lastPass }] of this.#places) if (lastPass < this.#now) this.#places.delete(key);
    for (const key of this.#places.keys()) {
      if (this.#places.size <= this.#maxKeys / 2) break;
      this.#places.delete(key);
    }
  }
}
