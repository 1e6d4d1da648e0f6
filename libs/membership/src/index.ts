export { Membership, type MembershipDeps, type MembershipView } from './membership.ts';
export { PartitionController, type PartitionControllerDeps } from './partition-controller.ts';
export type { PartitionOwner, PartitionState } from './partition-state.ts';
export { rendezvousOwner } from './rendezvous.ts';
