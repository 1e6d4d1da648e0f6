import { createClient, serve } from '@duramesh/bus';
import { historyContract, matchingContract } from '@duramesh/contracts';
import { workerDeployments } from '@duramesh/engine';
import { PartitionController } from '@duramesh/membership';
import type { Lease } from '@duramesh/persistence';
import { type DescribeProcessRequest, RunState, type ServiceView } from '@duramesh/proto';
import type { HistoryDeps, MatchingClient } from './deps.ts';
import type { EntityListeners } from './entities/entity-owner.ts';
import type { HandlerParts } from './handlers/handler.ts';
import { createHistoryHandlers } from './handlers/index.ts';
import { limitWarnings } from './limit-warnings.ts';
import { outcomeMetrics } from './outcome-metrics.ts';
import { historyView } from './operator-view.ts';
import { QueryBuffer } from './queries/query-buffer.ts';
import { QueryWorkflow } from './queries/query-workflow.ts';
import { ImmediateQueue } from './queues/immediate-queue.ts';
import { Recovery } from './queues/recovery.ts';
import type { Resident } from './queues/resident.ts';
import { type EntityKinds, residentsOf, wakeOf } from './queues/residents-of.ts';
import { TimerQueue } from './queues/timer-queue.ts';
import { ChangeNotifier } from './read/change-notifier.ts';
import { Owner } from './shard/owner.ts';
import { type ForgetListener, RunCache } from './shard/run-cache.ts';
import { ShardLoads } from './shard/shard-loads.ts';
import { Shards } from './shard/shards.ts';
import { Transactions } from './shard/transactions.ts';
import { UpdateWaiters } from './updates/update-waiters.ts';
import { createDeployments, type Deployments } from './worker-deployments/deployments.ts';

const CACHED_RUNS = 20_000;

/** A running history service. */
export interface HistoryService {
  /** Stops serving, lets others take over, and resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** For operators; made when it is asked for. */
  readonly view: (wishes: DescribeProcessRequest) => ServiceView;
  /** Of the store, as this process has met it. */
  readonly commits: () => { readonly lastMs: number; readonly unknown: number };
  readonly status: () => { readonly ownedShards: number; readonly cachedRuns: number; readonly queued: number };
}

type QueueParts = Pick<
  HandlerParts,
  'owner' | 'matching' | 'history' | 'notifier' | 'queryBuffer' | 'updateWaiters'
> & {
  readonly kinds: EntityKinds;
};

interface Queues {
  readonly immediate: ImmediateQueue;
  readonly recovery: Recovery;
  readonly timers: TimerQueue;
}

/** What happens by itself: tasks go out, timers fire, what a former owner left is taken up. */
function startQueues(
  deps: HistoryDeps,
  { owner, matching, history, notifier, queryBuffer, updateWaiters, kinds }: QueueParts,
  owned: ReadonlySet<number>,
): Queues {
  const act = (resident: Resident): void => {
    immediate.add(resident, resident.tasks);
    timers.changed(resident);
    notifier.changed(resident.key);
  };
  const residents = residentsOf({ deps, owner, matching, history }, kinds);
  const recovery: Recovery = new Recovery(deps, owner, { queue: () => immediate, residents, act });
  const immediate: ImmediateQueue = new ImmediateQueue(deps, residents, () => {
    for (const shard of owned) recovery.add(shard);
  });
  const timers = new TimerQueue(deps, residents, () => [...owned]);
  owner.onDoubt((key) => {
    recovery.doubt(key);
    notifier.changed(key);
    updateWaiters.doubt(key);
  });
  owner.onRemoval((key) => {
    notifier.changed(key);
    queryBuffer.release(key);
  });
  owner.onCommit(limitWarnings(deps.logger, deps.limits));
  owner.onCommit(outcomeMetrics(deps.metrics));
  owner.onChange((run, change) => {
    immediate.add(run, change.tasks);
    timers.changed(wakeOf(run));
    notifier.changed(run.key, run);
    updateWaiters.tell(run.key, change.updateNews);
    // After the answers this very commit brings have been handed out.
    if (run.state.info.state === RunState.RUN_STATE_COMPLETED) deps.clock.defer(() => queryBuffer.release(run.key));
  });
  return { immediate, recovery, timers };
}

interface Owners {
  readonly shards: Shards;
  readonly owner: Owner;
  readonly deployments: Deployments;
}

/** The writers of what lives on the shards of this process. */
function createOwners(
  deps: HistoryDeps,
  {
    cache,
    loads,
    matching,
  }: { readonly cache: RunCache; readonly loads: ShardLoads; readonly matching: MatchingClient },
  queues: () => Queues,
): Owners {
  const shards = new Shards(
    { leases: deps.store.leases, clock: deps.clock },
    {
      onForget(shard) {
        cache.forgetShard(shard);
        deployments.owner.forgetShard(shard);
      },
      onTakenBack(shard) {
        queues().recovery.add(shard);
        queues().timers.shardsAcquired();
      },
    },
  );
  const transactions = new Transactions(shards, loads);
  const owner = new Owner(deps, { shards, transactions, cache });
  owner.onCommit(({ shard }) => loads.transition(shard));
  const listeners: EntityListeners = {
    onChange(resident) {
      queues().immediate.add(resident, resident.tasks);
      queues().timers.changed(resident);
    },
    onDoubt: (key) => queues().recovery.doubt(key),
  };
  const deployments: Deployments = createDeployments(deps, { shards, transactions, listeners }, matching);
  return { shards, owner, deployments };
}

type Losing = Pick<HandlerParts, 'updateWaiters' | 'queryBuffer'> & Pick<Queues, 'recovery'>;

/** Tells those who wait for what memory alone held of a run. */
const lossListener =
  ({ updateWaiters, queryBuffer, recovery }: Losing): ForgetListener =>
  ({ key, state }) => {
    updateWaiters.lose(key, state.waitingUpdates.keys());
    if (!state.info.workflowTask?.speculative) return;
    // The task is gone that was to carry them, and what is due next is what is stored.
    queryBuffer.release(key);
    recovery.doubt(key);
  };

/** Owns its share of the shards and serves the runs in them. Resolves when the share is served. */
export async function startHistory(deps: HistoryDeps): Promise<HistoryService> {
  const { clock, bus, facts, metrics, logger, member } = deps;
  const cache = new RunCache(deps.cachedRuns ?? CACHED_RUNS);
  const loads = new ShardLoads(clock);
  const owned = new Set<number>();
  const serves = (shard: number): boolean => owned.has(shard);
  const notifier = new ChangeNotifier(clock, serves);
  const updateWaiters = new UpdateWaiters(clock, serves);
  const caller = member.memberId;
  const matching = createClient(bus, matchingContract, { ...deps, partitions: facts.matchingSlots, caller });
  const history = createClient(bus, historyContract, { ...deps, partitions: facts.historyShards, caller });
  const { shards, owner, deployments } = createOwners(deps, { cache, loads, matching }, () => queues);
  const queryBuffer = new QueryBuffer(serves);
  const queryWorkflow = new QueryWorkflow(deps, { owner, matching, buffer: queryBuffer, serves });
  const parts = { deps, owner, matching, history, notifier, queryBuffer, queryWorkflow, updateWaiters, deployments };
  const kinds = { [workerDeployments.name]: deployments.owner };
  const queues: Queues = startQueues(deps, { ...parts, kinds }, owned);
  const { immediate, recovery, timers } = queues;
  cache.onLoss(lossListener({ updateWaiters, queryBuffer, recovery }));
  const handlers = createHistoryHandlers(parts);
  const onAcquire = async ({ partition }: Lease): Promise<{ close(): Promise<void> }> => {
    shards.forget(partition);
    owned.add(partition);
    const subscription = serve(bus, historyContract, { partition, handlers, logger, metrics, tracer: deps.tracer });
    recovery.add(partition);
    timers.shardsAcquired();
    const close = async (): Promise<void> => {
      owned.delete(partition);
      for (const waiting of [notifier, updateWaiters, queryBuffer, queryWorkflow]) waiting.leave(partition);
      await subscription.close();
      shards.forget(partition);
    };
    return { close };
  };
  const controller = new PartitionController({
    ...deps,
    service: 'history',
    partitions: facts.historyShards,
    leaseStore: deps.store.leases,
    onAcquire,
  });
  shards.attach(controller);
  await controller.start();

  return {
    async stop() {
      timers.stop();
      recovery.stop();
      await controller.stop();
      immediate.stop();
      updateWaiters.stop();
    },
    view: (wishes) => {
      const parts = { address: member.address, leases: controller.view(), cache, loads, immediate, timers };
      return historyView(parts, wishes, clock.now());
    },
    commits: () => loads.commits,
    status: () => ({ ownedShards: owned.size, cachedRuns: cache.size, queued: immediate.depth + timers.depth }),
  };
}
