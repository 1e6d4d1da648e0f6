import { describeRoute } from '@duramesh/engine';
import type { DescribePartitionReply } from '@duramesh/proto';
import type { DispatchLimits, TaskQueueConfig } from './dispatch-limits.ts';
import type { Lanes } from './lanes.ts';
import { laneStats } from './level-stats.ts';
import type { PollerHistory } from './poller-history.ts';
import type { QueueStats } from './queue-stats.ts';
import type { QueueVersions } from './queue-versions.ts';

interface Described {
  readonly lanes: Lanes;
  readonly pollers: PollerHistory;
  readonly dispatch: DispatchLimits;
  readonly stats: QueueStats;
  readonly config: TaskQueueConfig | undefined;
  readonly versions: QueueVersions;
  readonly block: { readonly start: number; readonly end: number };
}

/** How one partition stands, for those who look at it. */
export function describePartition(parts: Described, nowMs: number): DescribePartitionReply {
  const { lanes, pollers, dispatch, stats, config, versions, block } = parts;
  const { perSecond: requestsPerSecond, source: rateLimitSource } = dispatch.effective;
  const { read: readLevel, acknowledged: ackLevel } = lanes.main.matcher.backlog.levels();
  const matchers = Array.from(lanes, ({ matcher }) => matcher);
  return {
    pollers: pollers.list(nowMs),
    waitingPolls: lanes.waitingPolls,
    levels: laneStats(matchers, stats, nowMs),
    rateLimitingActive: dispatch.isActive(nowMs),
    requestsPerSecond,
    rateLimitSource,
    config,
    taskIds: { readLevel, ackLevel, blockStart: block.start, blockEnd: block.end },
    versioning: versions.isUnversioned ? undefined : describeRoute(versions.route),
  };
}
