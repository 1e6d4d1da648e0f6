import type { DescribePartitionReply, LevelStats } from '@duramesh/proto';
import { durationOfMs } from '../validation/durations.ts';

/** temporal.api.taskqueue.v1.TaskQueueStats of some priorities of some partitions. */
function statsOf(levels: readonly LevelStats[], rateLimitingActive: boolean) {
  const sum = (value: (level: LevelStats) => number): number => levels.reduce((total, it) => total + value(it), 0);
  return {
    approximateBacklogCount: sum((level) => level.backlogCount),
    approximateBacklogAge: durationOfMs(Math.max(0, ...levels.map((level) => level.backlogAgeMs))),
    tasksAddRate: sum((level) => level.tasksAddRate),
    tasksDispatchRate: sum((level) => level.tasksDispatchRate),
    rateLimitingActive,
  };
}

const isLimited = (partitions: readonly DescribePartitionReply[]): boolean =>
  partitions.some((partition) => partition.rateLimitingActive);

const levelsOf = (partitions: readonly DescribePartitionReply[]): readonly LevelStats[] =>
  partitions.flatMap((partition) => partition.levels);

/** Of all priorities together. */
export const statsOfAll = (partitions: readonly DescribePartitionReply[]) =>
  statsOf(levelsOf(partitions), isLimited(partitions));

/** Of each priority that is in use somewhere. */
export function statsByPriority(partitions: readonly DescribePartitionReply[]) {
  const levels = levelsOf(partitions);
  const keys = [...new Set(levels.map((level) => level.priorityKey))];
  const entries = keys.map((key) => {
    const own = levels.filter((level) => level.priorityKey === key);
    return [key, statsOf(own, isLimited(partitions))] as const;
  });
  return Object.fromEntries(entries);
}

/** Everybody who polled one of the partitions, each identity as it was seen last. */
export function pollersOf(partitions: readonly DescribePartitionReply[]) {
  const byIdentity = new Map<string, DescribePartitionReply['pollers'][number]>();
  for (const poller of partitions.flatMap(({ pollers }) => pollers)) {
    const known = byIdentity.get(poller.identity ?? '');
    if (known === undefined || accessMs(known) < accessMs(poller)) byIdentity.set(poller.identity ?? '', poller);
  }
  return [...byIdentity.values()];
}

const accessMs = ({ lastAccessTime }: DescribePartitionReply['pollers'][number]): number =>
  (lastAccessTime?.seconds ?? 0) * 1_000 + (lastAccessTime?.nanos ?? 0) / 1_000_000;

/** What tools from before the statistics read. */
export function legacyStatus({ levels, requestsPerSecond, taskIds }: DescribePartitionReply) {
  return {
    backlogCountHint: levels.reduce((total, { backlogCount }) => total + backlogCount, 0),
    ratePerSecond: requestsPerSecond,
    readLevel: taskIds?.readLevel ?? 0,
    ackLevel: taskIds?.ackLevel ?? 0,
    taskIdBlock: { startId: taskIds?.blockStart ?? 0, endId: taskIds?.blockEnd ?? 0 },
  };
}
