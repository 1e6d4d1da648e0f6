import { CONTRACT_VERSION } from '@duramesh/contracts';
import type { ClusterFacts } from '@duramesh/persistence';
import { PeerHello, type PeerRefusal } from '@duramesh/proto';

/** What differs between two processes that will have nothing to do with each other, for metrics. */
const REFUSAL_CODES = ['cluster', 'shards', 'slots', 'contract', 'service'] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What another process says may be anything, and metrics take a small closed set. */
export const knownCode = (code: string): RefusalCode | 'other' =>
  REFUSAL_CODES.find((known) => known === code) ?? 'other';

export interface Refusal extends PeerRefusal {
  readonly code: RefusalCode;
}

export interface Introduction {
  readonly facts: ClusterFacts;
  readonly service: string;
  readonly memberId: string;
  readonly incarnation: string;
}

export const helloOf = ({ facts, service, memberId, incarnation }: Introduction): PeerHello =>
  PeerHello.create({
    clusterId: facts.clusterId,
    clusterName: facts.clusterName,
    historyShards: facts.historyShards,
    matchingSlots: facts.matchingSlots,
    contractVersion: CONTRACT_VERSION.spoken,
    oldestContractVersion: CONTRACT_VERSION.oldest,
    service,
    memberId,
    incarnation,
  });

/** Why two processes must not work together, said to the one that called; undefined when they may. */
export function objectionTo(own: PeerHello, caller: PeerHello): Refusal | undefined {
  const is = (code: RefusalCode, reason: string): Refusal => ({ code, reason });
  if (caller.clusterName !== own.clusterName) {
    const differ = `it belongs to the cluster '${caller.clusterName}' and ${own.memberId} to '${own.clusterName}'`;
    return is('cluster', `${differ}: correct its --cluster-name or its --db`);
  }
  if (caller.clusterId !== own.clusterId) {
    return is('cluster', `its database is not the one of ${own.memberId}: correct its --db`);
  }
  if (caller.historyShards !== own.historyShards) {
    const differ = `it counts ${caller.historyShards} shards and ${own.memberId} ${own.historyShards}`;
    return is('shards', `${differ}: the number was changed, so restart whichever has run since before`);
  }
  if (caller.matchingSlots !== own.matchingSlots) {
    const differ = `it counts ${caller.matchingSlots} matching slots and ${own.memberId} ${own.matchingSlots}`;
    return is('slots', `${differ}: restart whichever has run for longer`);
  }
  if (caller.contractVersion < own.oldestContractVersion) return is('contract', tooOld(caller, own));
  if (own.contractVersion < caller.oldestContractVersion) return is('contract', tooOld(own, caller));
  if (caller.service !== own.service) {
    return is(
      'service',
      `it is a ${caller.service} and ${own.memberId} a ${own.service}: correct the membership ports`,
    );
  }
  return undefined;
}

const tooOld = (old: PeerHello, other: PeerHello): string =>
  `${old.memberId} speaks contract version ${old.contractVersion} and ${other.memberId} needs ` +
  `${other.oldestContractVersion} at least: bring ${old.memberId} to the release of the others first`;
