import type { Bus } from '@duramesh/bus';
import type { Client, HistoryContract, MatchingContract, PartitionsOf } from '@duramesh/contracts';
import type { Limits } from '@duramesh/engine';
import type { MemberLinks } from '@duramesh/membership';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';

/** What the history service is given by whoever starts it. */
export interface HistoryDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  readonly facts: ClusterFacts;
  readonly limits: Limits;
  /** `memberId` stays the same across restarts on the same address. */
  readonly member: { readonly memberId: string; readonly address: string };
  /** How the members hear each other beside the store. */
  readonly links?: MemberLinks | undefined;
  /** As every process of the cluster has it; one partition for each task queue, unless told. */
  readonly partitionsOf?: PartitionsOf | undefined;
  /** Runs kept in memory. */
  readonly cachedRuns?: number;
  /** A history that is copied by a reset is written in pieces of this size; a piece is held in memory. */
  readonly copyPieceBytes?: number;
}

export type MatchingClient = Client<MatchingContract>;
/** Other runs may live in another shard, and that in another process. */
export type HistoryClient = Client<HistoryContract>;
