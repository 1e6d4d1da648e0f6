import type { Lease } from '@duramesh/persistence';
import { NotOwnerError } from '@duramesh/bus';
import type { PartitionController } from '@duramesh/membership';

/** The leases of this process, as the owner of runs needs them. */
export class Shards {
  #controller: PartitionController | undefined;
  readonly #onForeignWrites: (shard: number) => void;

  /** @param onForeignWrites somebody else may have written to the shard since it was last ours */
  constructor(onForeignWrites: (shard: number) => void) {
    this.#onForeignWrites = onForeignWrites;
  }

  attach(controller: PartitionController): void {
    this.#controller = controller;
  }

  /** @throws NotOwnerError when the shard is not served here right now: the caller finds the owner and asks again */
  lease(shard: number): Lease {
    const state = this.#controller?.state(shard);
    if (state?.kind === 'owned' || state?.kind === 'loading') return state.lease;
    throw new NotOwnerError(`history shard ${shard} is ${state?.kind ?? 'not known'} here`);
  }

  owns(shard: number): boolean {
    const kind = this.#controller?.state(shard).kind;
    return kind === 'owned' || kind === 'loading' || kind === 'renewing';
  }

  fenced(lease: Lease): void {
    this.#onForeignWrites(lease.partition);
    this.#controller?.lose(lease.partition, lease.rangeId);
  }

  /**
   * Takes a new lease after a write whose outcome is unknown, so that the write has either landed or never will.
   * @throws NotOwnerError when the shard went to somebody else
   */
  async renew(lease: Lease): Promise<void> {
    const renewed = await this.#controller?.renew(lease.partition, lease.rangeId);
    if (renewed === undefined || renewed.rangeId !== lease.rangeId + 1) this.#onForeignWrites(lease.partition);
    if (renewed === undefined) throw new NotOwnerError(`history shard ${lease.partition} was lost`);
  }
}
