import type { Bus } from '@duramesh/bus';
import type { PartitionsOf } from '@duramesh/contracts';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import type { FrontendLimits } from './limits.ts';

/** What the frontend is wired with. */
export interface FrontendDeps {
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
  readonly limits?: Partial<FrontendLimits>;
  /** As every process of the cluster has it; one partition for each task queue, unless told. */
  readonly partitionsOf?: PartitionsOf | undefined;
}
