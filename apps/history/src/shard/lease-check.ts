import type { Lease, LeaseStore } from '@duramesh/persistence';
import type { Clock } from '@duramesh/runtime';

interface Asked {
  readonly lease: Lease;
  readonly resolve: (isInForce: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Compares leases with the store; what is asked in one turn of the event loop is one statement. */
export class LeaseCheck {
  readonly #leases: LeaseStore;
  readonly #clock: Clock;
  #asked: Asked[] = [];

  constructor(leases: LeaseStore, clock: Clock) {
    this.#leases = leases;
    this.#clock = clock;
  }

  isInForce(lease: Lease): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ lease, resolve, reject });
      if (this.#asked.length === 1) this.#clock.defer(() => void this.#read());
    });
  }

  async #read(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    const partitions = [...new Set(asked.map(({ lease }) => lease.partition))];
    try {
      const rangeIds = await this.#leases.readRangeIds('history', partitions);
      const inForce = new Map(partitions.map((partition, i) => [partition, rangeIds[i]]));
      for (const { lease, resolve } of asked) resolve(inForce.get(lease.partition) === lease.rangeId);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
