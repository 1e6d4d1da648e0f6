const BUCKET_MS = 5_000;
const BUCKETS = 6;

/** How many per second, averaged over the last half minute. */
export class RateWindow {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #startedMs: number;
  #bucket: number;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#bucket = Math.floor(nowMs / BUCKET_MS);
  }

  add(nowMs: number): void {
    this.#advance(nowMs);
    const at = this.#bucket % BUCKETS;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const seconds = Math.min(nowMs - this.#startedMs, BUCKET_MS * BUCKETS) / 1_000;
    return total / Math.max(seconds, 1);
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    if (bucket === this.#bucket) return;
    if (bucket - this.#bucket >= BUCKETS) this.#counts.fill(0);
    else for (let next = this.#bucket + 1; next <= bucket; next++) this.#counts[next % BUCKETS] = 0;
    this.#bucket = bucket;
  }
}
