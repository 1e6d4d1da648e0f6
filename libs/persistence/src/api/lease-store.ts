import type { Lease, LeaseKind } from './execution-store.ts';

/** A process serving one role, as others may see it. A hint: leases decide. */
export interface Member {
  readonly service: string;
  /** Stable across restarts of the same process on the same address, so that a restarted member is itself again. */
  readonly memberId: string;
  readonly address: string;
}

/** Who was last given a partition, for operators. */
export interface LeaseHolder {
  readonly partition: number;
  readonly rangeId: number;
  readonly memberId: string;
}

/** Who may write what. */
export interface LeaseStore {
  /** Says that this member lives for another `ttlMs` and answers who else does, in one round trip. Uses the store's clock. */
  heartbeat(member: Member, ttlMs: number): Promise<readonly Member[]>;
  leave(member: Member): Promise<void>;
  /** Takes the partitions, whoever had them: raises their range ids in one statement. */
  acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]>;
  /** The range ids in force now, in the order of the partitions; 0 where nobody ever had one. In one statement. */
  readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]>;
  /** Who lives, by the store's clock, in the order of service and id. For operators: members learn it by their heartbeats. */
  readMembers(): Promise<readonly Member[]>;
  /** Who has each partition that anybody ever had, in their order. */
  readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]>;
}
