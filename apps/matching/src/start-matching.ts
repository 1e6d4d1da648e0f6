import { type Bus, createClient, serve } from '@duramesh/bus';
import { historyContract, matchingContract, onePartition, type PartitionsOf } from '@duramesh/contracts';
import { type MemberLinks, PartitionController } from '@duramesh/membership';
import type { ClusterFacts, Lease, Store } from '@duramesh/persistence';
import type { DescribeProcessRequest, ServiceView } from '@duramesh/proto';
import type { Clock, Ids, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import { slotHandlers } from './handlers.ts';
import { defaultLimits, type MatchingLimits } from './limits.ts';
import { MatchingMetrics } from './matching-metrics.ts';
import { isWantedBy } from './is-wanted.ts';
import { matchingView } from './operator-view.ts';
import { tellDeploymentBy } from './tell-deployment.ts';
import { ShutDownWorkers } from './shut-down-workers.ts';
import { Slot } from './slot.ts';

export interface MatchingDeps {
  readonly store: Pick<Store, 'taskQueues' | 'leases'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  /** Stable across restarts, see {@link PartitionController}. */
  readonly member: { readonly memberId: string; readonly address: string };
  /** How the members hear each other beside the store. */
  readonly links?: MemberLinks | undefined;
  readonly facts: Pick<ClusterFacts, 'matchingSlots' | 'historyShards'>;
  /** As every process of the cluster has it; one partition for each queue, unless told. */
  readonly partitionsOf?: PartitionsOf | undefined;
  readonly limits?: Partial<MatchingLimits> | undefined;
}

/** The matching service while it runs. */
export interface Matching {
  /** Slots this process serves, for introspection. */
  readonly ownedSlots: number;
  /** For operators; made when it is asked for. */
  view(wishes: DescribeProcessRequest): ServiceView;
  /** Hands over every slot: who waits is told to come again, what is stored stays. */
  stop(): Promise<void>;
}

interface SlotServing {
  readonly partition: number;
  readonly logger: Logger;
  readonly inboxLimit: number;
}

/** Answers the calls for a slot until it is closed. */
function serveSlot(
  { bus, metrics, tracer }: MatchingDeps,
  slot: Slot,
  serving: SlotServing,
): { close(): Promise<void> } {
  const subscription = serve(bus, matchingContract, { ...serving, handlers: slotHandlers(slot), metrics, tracer });
  const close = async (): Promise<void> => {
    const closed = subscription.close();
    await slot.close();
    await closed;
  };
  return { close };
}

/** Serves this member's share of the matching slots. Resolves when it does. */
export async function startMatching(deps: MatchingDeps): Promise<Matching> {
  const logger = deps.logger.child({ service: 'matching' });
  const limits = { ...defaultLimits, ...deps.limits };
  const measured = new MatchingMetrics(deps.metrics);
  const shutDownWorkers = new ShutDownWorkers(deps.clock);
  const client = { ...deps, caller: 'matching' };
  const matching = createClient(deps.bus, matchingContract, { ...client, partitions: deps.facts.matchingSlots });
  const history = createClient(deps.bus, historyContract, { ...client, partitions: deps.facts.historyShards });
  const slots = new Map<number, Slot>();
  const open = (lease: Lease): { close(): Promise<void> } => {
    const slot = new Slot(
      {
        ...deps,
        store: deps.store.taskQueues,
        shutDownWorkers,
        partitionsOf: deps.partitionsOf ?? onePartition,
        matching,
        isWanted: isWantedBy(history),
        tellDeployment: tellDeploymentBy(history, deps.clock),
        address: deps.member.address,
        logger,
        limits,
        measured,
        renew: (partition, rangeId) => controller.renew(partition, rangeId),
        lose: (partition, rangeId) => controller.lose(partition, rangeId),
      },
      lease,
    );
    slots.set(lease.partition, slot);
    const served = serveSlot(deps, slot, { partition: lease.partition, logger, inboxLimit: limits.slotInbox });
    const close = async (): Promise<void> => {
      await served.close();
      if (slots.get(lease.partition) === slot) slots.delete(lease.partition);
    };
    return { close };
  };
  const controller = new PartitionController({
    ...deps,
    service: 'matching',
    partitions: deps.facts.matchingSlots,
    leaseStore: deps.store.leases,
    onAcquire: async (lease) => open(lease),
  });
  await controller.start();
  return {
    get ownedSlots() {
      return controller.ownedCount;
    },
    view: (wishes) =>
      matchingView({ address: deps.member.address, leases: controller.view(), slots }, wishes, deps.clock.now()),
    stop: () => controller.stop(),
  };
}
