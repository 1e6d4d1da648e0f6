export { changeShards, type ChangeShardsOptions, type ShardsOutcome } from './change-shards.ts';
export { leasesView, type LeasesView } from './leases-view.ts';
export { type MemberLinks, Membership, type MembershipDeps, type MembershipView } from './membership.ts';
export { PartitionController, type PartitionControllerDeps, type PartitionsView } from './partition-controller.ts';
export type { PartitionOwner, PartitionState } from './partition-state.ts';
export type { PartitionFacts } from './partition-table.ts';
export type { LinkEnd, LinkEvents, PeerLink, PeerTransport } from './peers/peer-transport.ts';
export { MembershipRefused } from './peers/peers.ts';
export { rendezvousOwner } from './rendezvous.ts';
