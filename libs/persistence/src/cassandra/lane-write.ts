import type { Lease } from '../api/execution-store.ts';
import type { Statement } from './connect.ts';
import type { Stamp } from './stamp.ts';

/** A write of one partition, which shares a batch with others. */
export interface LaneWrite {
  readonly lease: Lease;
  /** Writes of the same subject never share a batch. */
  readonly subject: string;
  /** What it adds to the batch. */
  readonly sizeBytes: number;
  /** Looks up what it needs. @returns `conflict` when memory says so already @throws StoreFault */
  prepare(stamp: Stamp): Promise<PreparedWrite | 'conflict'>;
}

/** What a write has to say, under one stamp. */
export interface PreparedWrite {
  /** Rows beside the partition that must be there when the batch is. */
  readonly ahead: readonly Statement[];
  /** Its part of the batch. */
  readonly batch: readonly Statement[];
  /** Asked when the batch was refused though the lease is ours: whether its own conditions hold. @throws StoreFault */
  holds(): Promise<boolean>;
  /** It is stored. @returns what is to be tidied up behind it */
  committed(): readonly Statement[];
  /** It is not stored, or nobody knows. @returns what is to be taken back when it is known not to be */
  dropped(): readonly Statement[];
}
