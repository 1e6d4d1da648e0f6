import { NotOwnerError } from '@duramesh/bus';
import type { Lease, LeaseStore } from '@duramesh/persistence';
import type { Clock } from '@duramesh/runtime';
import { LeaseCheck } from './lease-check.ts';
import type { PartitionController } from '@duramesh/membership';

export interface ShardListeners {
  /** Somebody else may write to the shard, or may have: what memory has of it is not to be used any more. */
  readonly onForget: (shard: number) => void;
  /** Another owner has come and gone, unnoticed: what it has left to do is to be found. */
  readonly onTakenBack: (shard: number) => void;
}

/** The leases of this process, as the owner of runs needs them. */
export class Shards {
  #controller: PartitionController | undefined;
  readonly #listeners: ShardListeners;
  readonly #check: LeaseCheck;
  readonly #terms = new Map<number, number>();

  constructor(deps: { leases: LeaseStore; clock: Clock }, listeners: ShardListeners) {
    this.#check = new LeaseCheck(deps.leases, deps.clock);
    this.#listeners = listeners;
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

  /** @see term */
  forget(shard: number): void {
    this.#terms.set(shard, this.term(shard) + 1);
    this.#listeners.onForget(shard);
  }

  /** Counts how often the shard was forgotten. What was written in an earlier term is not what memory goes on from. */
  term(shard: number): number {
    return this.#terms.get(shard) ?? 0;
  }

  /** As far as this process knows. */
  isHeld(lease: Lease): boolean {
    const state = this.#controller?.state(lease.partition);
    return state !== undefined && 'lease' in state && state.lease.rangeId === lease.rangeId;
  }

  /**
   * Makes sure that nobody else could have written since the lease was looked up: what is answered without a write
   * must be as true as what a write would have proved. False when the shard has a newer owner.
   */
  async confirm(lease: Lease): Promise<boolean> {
    if (await this.#check.isInForce(lease)) return true;
    // A renewal of our own raises the range too; the caller looks again.
    if (this.isHeld(lease)) this.fenced(lease);
    return false;
  }

  owns(shard: number): boolean {
    const kind = this.#controller?.state(shard).kind;
    return kind === 'owned' || kind === 'loading' || kind === 'renewing';
  }

  fenced(lease: Lease): void {
    this.forget(lease.partition);
    this.#controller?.lose(lease.partition, lease.rangeId);
  }

  /**
   * Takes a new lease after a write whose outcome is unknown, so that the write has either landed or never will.
   * @throws NotOwnerError when the shard went to somebody else
   */
  async renew(lease: Lease): Promise<void> {
    const renewed = await this.#controller?.renew(lease.partition, lease.rangeId);
    const isNext = renewed?.rangeId === lease.rangeId + 1;
    if (!isNext) this.forget(lease.partition);
    if (renewed === undefined) throw new NotOwnerError(`history shard ${lease.partition} was lost`);
    if (!isNext) this.#listeners.onTakenBack(lease.partition);
  }
}
