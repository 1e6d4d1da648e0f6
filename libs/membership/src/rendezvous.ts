import { fnv1a32 } from '@duramesh/runtime';

const mix = (value: number): number => {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * Who should own each partition: the member with the highest score for it. Members that come or go move only the
 * partitions they win or leave. The function it returns answers for one partition; undefined when nobody lives.
 */
export function rendezvousOwner(memberIds: Iterable<string>): (partition: number) => string | undefined {
  const members = [...new Set(memberIds)].sort().map((memberId) => ({ memberId, hash: fnv1a32(memberId) }));
  return (partition) => {
    let best: string | undefined;
    let bestScore = -1;
    for (const { memberId, hash } of members) {
      const score = mix(hash ^ mix(partition + 0x9e3779b9));
      if (score <= bestScore) continue;
      bestScore = score;
      best = memberId;
    }
    return best;
  };
}
