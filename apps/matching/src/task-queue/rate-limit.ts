/** What sums of fractions of a millisecond may be off by. */
const TOLERANCE_MS = 0.5;

/**
 * So many per second, with a burst of one second's worth. Keeps one number: the moment at which everything taken so
 * far would have been earned at an even pace (the "generic cell rate algorithm").
 */
export class RateLimit {
  #perSecond: number;
  #earnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** What was taken stays taken, but is never more than the burst of the new rate. */
  set(perSecond: number, nowMs: number): void {
    if (perSecond === this.#perSecond) return;
    this.#forgetFuture(nowMs);
    const takenBefore = Math.max(this.#earnedAtMs - nowMs, 0) / this.#intervalMs;
    this.#perSecond = perSecond;
    const taken = Math.min(takenBefore, this.#burst);
    this.#earnedAtMs = taken > 0 ? nowMs + taken * this.#intervalMs : Number.NEGATIVE_INFINITY;
  }

  /** How long to wait for the next one: 0 when it may go now, forever when nothing may. */
  waitMs(nowMs: number): number {
    if (this.#perSecond === 0) return Number.POSITIVE_INFINITY;
    this.#forgetFuture(nowMs);
    const waitMs = this.#earnedAtMs - nowMs - (this.#burst - 1) * this.#intervalMs;
    return waitMs > TOLERANCE_MS ? waitMs : 0;
  }

  take(nowMs: number): void {
    if (this.#perSecond > 0) this.#earnedAtMs = Math.max(this.#earnedAtMs, nowMs) + this.#intervalMs;
  }

  /** What was taken was not used. */
  giveBack(): void {
    if (this.#perSecond > 0) this.#earnedAtMs -= this.#intervalMs;
  }

  /** No more than the burst is ever taken ahead: what is beyond it was taken by a clock that has been set back since. */
  #forgetFuture(nowMs: number): void {
    if (this.#perSecond === 0) return;
    this.#earnedAtMs = Math.min(this.#earnedAtMs, nowMs + this.#burst * this.#intervalMs + TOLERANCE_MS);
  }

  get #intervalMs(): number {
    return 1_000 / this.#perSecond;
  }

  get #burst(): number {
    return Math.ceil(this.#perSecond);
  }
}
