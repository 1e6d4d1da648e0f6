import { fromTimestamp } from '@duramesh/engine';
import { leasesView, type PartitionsView } from '@duramesh/membership';
import {
  type DescribeProcessRequest,
  PollerView,
  ServiceView,
  ShardView,
  type TaskQueuePartition,
  TaskQueueView,
} from '@duramesh/proto';
import type { Slot } from './slot.ts';
import type { TaskQueue } from './task-queue/task-queue.ts';

const STICKY = 2;

interface Viewed {
  readonly address: string;
  readonly leases: PartitionsView;
  /** By their number. */
  readonly slots: ReadonlyMap<number, Slot>;
}

/** What operators are told of matching in this process. Made when somebody asks. */
export function matchingView(
  { address, leases, slots }: Viewed,
  wishes: DescribeProcessRequest,
  nowMs: number,
): ServiceView {
  const slotViews = (): ShardView[] =>
    leases.partitions.map(({ partition: shard, state, rangeId, sinceMs }) =>
      ShardView.create({ shard, state, rangeId, sinceMs, taskQueues: slots.get(shard)?.size ?? 0 }),
    );
  const queues = wishes.withTaskQueues ? Array.from(slots.values(), (slot) => Array.from(slot.loaded())).flat() : [];
  return ServiceView.create({
    service: 'matching',
    address,
    ...leasesView(leases),
    shards: wishes.withShards ? slotViews() : [],
    taskQueues: queues.map(([partition, queue]) => queueView(partition, queue, nowMs)),
  });
}

function queueView(partition: TaskQueuePartition, queue: TaskQueue, nowMs: number): TaskQueueView {
  const { pollers, levels, waitingPolls, rateLimitingActive } = queue.look(nowMs);
  return TaskQueueView.create({
    namespaceId: partition.namespaceId,
    name: partition.name,
    type: partition.type,
    partition: partition.partition,
    sticky: partition.kind === STICKY,
    pollers: pollers.map(({ identity, lastAccessTime }) =>
      PollerView.create({
        identity: identity ?? '',
        lastPollMs: fromTimestamp(lastAccessTime),
      }),
    ),
    waitingPolls,
    backlogCount: levels.reduce((sum, { backlogCount }) => sum + backlogCount, 0),
    backlogAgeMs: levels.reduce((oldest, { backlogAgeMs }) => Math.max(oldest, backlogAgeMs), 0),
    tasksPerSecond: levels.reduce((sum, { tasksDispatchRate }) => sum + tasksDispatchRate, 0),
    rateLimited: rateLimitingActive,
  });
}
