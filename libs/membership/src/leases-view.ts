import type { PartitionsView } from './partition-controller.ts';

/** What operators are told of the leases of one service, in numbers. */
export interface LeasesView {
  /** Ids of those it takes for alive, itself first. */
  readonly members: readonly string[];
  /** When it last heard who lives; 0 when it never did. */
  readonly membersAtMs: number;
  /** Partitions by what this process has to do with them. */
  readonly partitions: Readonly<Record<string, number>>;
}

export function leasesView({ membership, partitions }: PartitionsView): LeasesView {
  const counts: Record<string, number> = {};
  for (const { state } of partitions) counts[state] = (counts[state] ?? 0) + 1;
  return {
    members: membership.members.map(({ memberId }) => memberId),
    membersAtMs: Math.max(membership.atMs, 0),
    partitions: counts,
  };
}
