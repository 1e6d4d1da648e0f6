import type { Clock, TimestampMs } from '@duramesh/runtime';
import type { PartitionState } from './partition-state.ts';

const FOREIGN: PartitionState = { kind: 'foreign' };

/** One partition that this process has to do with, as operators are told. */
export interface PartitionFacts {
  readonly partition: number;
  readonly state: PartitionState['kind'];
  /** Of its lease; 0 without one. */
  readonly rangeId: number;
  readonly sinceMs: TimestampMs;
}

/** What this process knows of each partition, and since when. */
export class PartitionTable {
  readonly #states: PartitionState[];
  readonly #sinceMs: Float64Array;
  readonly #clock: Clock;

  constructor(partitions: number, clock: Clock) {
    this.#states = Array.from<PartitionState>({ length: partitions }).fill(FOREIGN);
    this.#sinceMs = new Float64Array(partitions);
    this.#clock = clock;
  }

  get size(): number {
    return this.#states.length;
  }

  get(partition: number): PartitionState {
    return this.#states[partition] ?? FOREIGN;
  }

  /** A new lease of what is served already is no new state. */
  set(partition: number, state: PartitionState): void {
    if (this.get(partition).kind !== state.kind) this.#sinceMs[partition] = this.#clock.now();
    this.#states[partition] = state;
  }

  [Symbol.iterator](): IterableIterator<[partition: number, state: PartitionState]> {
    return this.#states.entries();
  }

  /** All but those of others. */
  facts(): PartitionFacts[] {
    const facts: PartitionFacts[] = [];
    for (const [partition, state] of this) {
      if (state.kind === 'foreign') continue;
      const rangeId = 'lease' in state ? state.lease.rangeId : 0;
      facts.push({ partition, state: state.kind, rangeId, sinceMs: this.#sinceMs[partition] ?? 0 });
    }
    return facts;
  }
}
