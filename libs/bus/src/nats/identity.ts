import { CONTRACT_VERSION, isContractSpokenHere } from '@duramesh/contracts';
import type { RequestHeader } from '@duramesh/proto';
import { fnv1a32 } from '@duramesh/runtime';

/** What a process says of itself in the header of each request. */
export type Identity = Pick<RequestHeader, 'contractVersion' | 'cluster'>;

/** Tells clusters apart that meet at one broker by mistake. It keeps nobody out who means to come in: logins do. */
export const identityOf = (clusterId: string): Identity => ({
  contractVersion: CONTRACT_VERSION.spoken,
  cluster: fnv1a32(clusterId),
});

/** @returns why a request of `theirs` is not answered, or undefined when it is */
export function objectionTo(theirs: Identity, ours: Identity): 'otherCluster' | 'otherVersion' | undefined {
  if (theirs.cluster !== ours.cluster) return 'otherCluster';
  return isContractSpokenHere(theirs.contractVersion) ? undefined : 'otherVersion';
}
