import type { Lease } from '../api/execution-store.ts';

/**
 * The order in which one partition is written, as a number that needs no clock: the range id of the lease, then a
 * number that rises within it. Rows beside the partition are written with it as their timestamp, so that whatever
 * arrives late, from whichever owner, loses against what was decided after it. A batch has two stamps of its own: what
 * is written ahead of it carries the first, what tidies up behind it the second.
 */
export type Stamp = bigint;

const RANGE_SHIFT = 32n;
/** Batches under one lease; at a thousand a second it lasts for three weeks of one shard, then the owner takes a new lease. */
const MAX_SEQUENCE = 2 ** 31 - 1;

export const stampOf = (rangeId: number, sequence: number): Stamp =>
  (BigInt(rangeId) << RANGE_SHIFT) | BigInt(sequence * 2);

/** Comes after everything that was written ahead of the batch, before the next batch. */
export const behind = (stamp: Stamp): Stamp => stamp + 1n;

export const rangeIdOf = (stamp: Stamp): number => Number(stamp >> RANGE_SHIFT);

/** Gives each batch under a lease a stamp of its own. */
export class StampClock {
  #rangeId = 0;
  #sequence = 0;

  /** The newest lease that was heard of. */
  get rangeId(): number {
    return this.#rangeId;
  }

  heardOf(lease: Pick<Lease, 'rangeId'>): void {
    if (lease.rangeId <= this.#rangeId) return;
    this.#rangeId = lease.rangeId;
    this.#sequence = 0;
  }

  /** undefined when the lease has no stamps left. */
  next(): Stamp | undefined {
    if (this.#sequence >= MAX_SEQUENCE) return undefined;
    this.#sequence += 1;
    return stampOf(this.#rangeId, this.#sequence);
  }
}
