/**
 * What is removed from an index leaves tombstones, and whoever reads from the beginning walks over those of the last hours:
 * Cassandra refuses to pass more than 100,000 at once. So the index is read from where it was found empty on, and only after
 * a lease was taken from the beginning, in windows that are short where the tombstones are.
 */
const WINDOW_MS = 300_000;
/** Tombstones are older than that only where nothing was compacted meanwhile. */
const DENSE_MS = 3 * 3_600_000;
const UNKNOWN = -1;

/** One reading of the index. */
export interface Scan {
  /** Stretches of time without their beginnings, each to be read by queries of its own. */
  windows(untilMs: number): Iterable<readonly [fromMs: number, toMs: number]>;
  /** Everything before that time has been found empty. */
  end(emptyUntilMs: number): void;
}

/** The time before which no run of these shards waits to be woken, as far as this process, which alone writes them, knows. */
export class WakeFloor {
  #floorMs = 0;
  #acquisitions = UNKNOWN;
  #shards: ReadonlySet<number> = new Set();

  /** A run wants to be woken at that time, and its entry is there. */
  note(wakeAtMs: number): void {
    if (wakeAtMs > 0 && wakeAtMs <= this.#floorMs) this.#floorMs = before(wakeAtMs);
  }

  begin(shards: readonly number[], acquisitions: number): Scan {
    const isKnown = acquisitions === this.#acquisitions && shards.every((shard) => this.#shards.has(shard));
    if (!isKnown) this.#floorMs = 0;
    // A scan that comes to no end leaves nothing known.
    this.#acquisitions = UNKNOWN;
    const fromMs = this.#floorMs;
    // What is noted while the scan runs counts from then on.
    this.#floorMs = Number.MAX_SAFE_INTEGER;
    return {
      windows: (untilMs) => windows(fromMs, untilMs),
      end: (emptyUntilMs) => {
        this.#floorMs = Math.min(this.#floorMs, before(emptyUntilMs));
        this.#acquisitions = acquisitions;
        this.#shards = new Set(shards);
      },
    };
  }
}

const before = (timeMs: number): number => Math.max(0, timeMs - 1);

function* windows(fromMs: number, untilMs: number): Generator<readonly [number, number]> {
  let from = fromMs;
  const dense = untilMs - DENSE_MS;
  if (from < dense) {
    yield [from, dense];
    from = dense;
  }
  for (; untilMs - from > WINDOW_MS; from += WINDOW_MS) yield [from, from + WINDOW_MS];
  yield [from, untilMs];
}
