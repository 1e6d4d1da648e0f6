import type { Logger, Tracer } from '@duramesh/runtime';
import type { CommitResult, Lease, LeaseKind } from '../api/execution-store.ts';
import type { Connection } from './connect.ts';
import { Lane } from './lane.ts';
import type { LaneWrite } from './lane-write.ts';
import type { Tidier } from './tidier.ts';

export interface LanesOptions {
  readonly connection: Connection;
  readonly tidier: Tidier;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
}

/** The lanes of all partitions that this process has written. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #isClosed = false;
  #acquisitions = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** How many leases this process has taken. */
  get acquisitions(): number {
    return this.#acquisitions;
  }

  /** Stands behind the writes that were submitted before. @param expected where the range id seems to stand @throws StoreFault */
  acquire(kind: LeaseKind, partition: number, expected: Promise<number>): Promise<Lease> {
    this.#acquisitions += 1;
    return this.#of(kind, partition).acquire(expected);
  }

  async submit(write: LaneWrite): Promise<CommitResult> {
    return this.#isClosed ? 'unknown' : this.#of(write.lease.kind, write.lease.partition).submit(write);
  }

  #of(kind: LeaseKind, partition: number): Lane {
    const name = `${kind}/${partition}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new Lane({ ...this.#options, kind, partition });
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** The newest lease of a partition that this process has heard of, 0 for none. */
  rangeId({ kind, partition }: Pick<Lease, 'kind' | 'partition'>): number {
    return this.#lanes.get(`${kind}/${partition}`)?.rangeId ?? 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}
