import type { Lease, LeaseKind, LeaseStore } from '@duramesh/persistence';
import { backoffMs, type BackoffPolicy, type Clock, type Logger, type Random } from '@duramesh/runtime';

const RETRY: BackoffPolicy = { initialMs: 50, coefficient: 2, maximumMs: 2_000 };

interface Batch {
  readonly partitions: number[];
  readonly leases: Promise<ReadonlyMap<number, Lease>>;
}

export interface LeaseRenewalsDeps {
  readonly kind: LeaseKind;
  readonly leaseStore: Pick<LeaseStore, 'acquire'>;
  readonly member: { readonly memberId: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Those of the partitions that a fresh look at the members still gives to us. */
  readonly stillOurs: (partitions: readonly number[]) => Promise<readonly number[]>;
}

/** Renews leases, many in one statement: when the store went away, every partition that was writing needs a new one. */
export class LeaseRenewals {
  readonly #deps: LeaseRenewalsDeps;
  readonly #stop = new AbortController();
  #gathering: Batch | undefined;

  constructor(deps: LeaseRenewalsDeps) {
    this.#deps = deps;
  }

  /** undefined when the partition went to another member, or when renewing was stopped. */
  async renew(partition: number): Promise<Lease | undefined> {
    const batch = (this.#gathering ??= this.#open());
    batch.partitions.push(partition);
    return (await batch.leases).get(partition);
  }

  stop(): void {
    this.#stop.abort(new Error('stopped'));
  }

  #open(): Batch {
    const partitions: number[] = [];
    const gathered = new Promise<void>((resolve) => this.#deps.clock.defer(resolve));
    const leases = gathered.then(() => {
      this.#gathering = undefined;
      return this.#acquire(partitions);
    });
    return { partitions, leases };
  }

  async #acquire(partitions: readonly number[]): Promise<ReadonlyMap<number, Lease>> {
    const { leaseStore, kind, member, clock, random, logger, stillOurs } = this.#deps;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      try {
        const ours = await stillOurs(partitions);
        const leases = ours.length === 0 ? [] : await leaseStore.acquire(kind, ours, member.memberId);
        return new Map(leases.map((lease) => [lease.partition, lease]));
      } catch (error) {
        logger.warn({ error, attempt, partitions: partitions.length }, 'could not renew leases');
      }
      await clock.sleep(backoffMs(RETRY, attempt, random), this.#stop.signal).catch(() => undefined);
    }
    return new Map();
  }
}
