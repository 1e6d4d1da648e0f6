export { Membership, type MembershipDeps, type MembershipView } from './membership.ts';
export { PartitionController, type PartitionControllerDeps, type PartitionsView } from './partition-controller.ts';
export type { PartitionOwner, PartitionState } from './partition-state.ts';
export type { PartitionFacts } from './partition-table.ts';
export { rendezvousOwner } from './rendezvous.ts';
