import type { Lease } from '@duramesh/persistence';

/** What serves one partition under its lease. */
export interface PartitionOwner {
  /** Takes no new requests and finishes those that run. Must not reject. */
  close(): Promise<void>;
}

/**
 * What this process knows of one partition.
 *
 * ```
 * foreign ──ours──► acquiring ──lease──► loading ──serves──► owned ◄──new lease── renewing
 *    ▲                  │ store away         │ failed          │ └──unknown commit───► │
 *    │                  ▼                    ▼                 │ fenced or not ours    │ not ours
 *    └──not ours──── resting ◄───────────────┴──── closing ◄───┴───────────────────────┘
 * ```
 */
export type PartitionState =
  /** Another member should have it, or nobody decided yet. */
  | { readonly kind: 'foreign' }
  /** Ours as far as we know, but it was lost or could not be had just now: not asked for again before `untilMs`. */
  | { readonly kind: 'resting'; readonly untilMs: number }
  | { readonly kind: 'acquiring' }
  | { readonly kind: 'loading'; readonly lease: Lease }
  | { readonly kind: 'owned'; readonly lease: Lease; readonly owner: PartitionOwner }
  /** A commit had an unknown outcome: a new lease is on its way, so that the late write cannot land. */
  | {
      readonly kind: 'renewing';
      readonly lease: Lease;
      readonly owner: PartitionOwner;
      readonly renewal: Promise<Lease | undefined>;
    }
  | { readonly kind: 'closing'; readonly closed: Promise<void> };
