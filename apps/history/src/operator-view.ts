import { leasesView, type PartitionsView } from '@duramesh/membership';
import { type DescribeProcessRequest, QueueLag, ServiceView, ShardView } from '@duramesh/proto';
import type { ImmediateQueue } from './queues/immediate-queue.ts';
import type { TimerQueue } from './queues/timer-queue.ts';
import type { RunCache } from './shard/run-cache.ts';
import type { ShardLoads } from './shard/shard-loads.ts';

interface Viewed {
  readonly address: string;
  readonly leases: PartitionsView;
  readonly cache: RunCache;
  readonly loads: ShardLoads;
  readonly immediate: ImmediateQueue;
  readonly timers: TimerQueue;
}

/** What operators are told of history in this process. Made when somebody asks. */
export function historyView(parts: Viewed, { withShards }: DescribeProcessRequest, nowMs: number): ServiceView {
  const { address, leases, immediate, timers } = parts;
  return ServiceView.create({
    service: 'history',
    address,
    ...leasesView(leases),
    shards: withShards ? shardViews(parts, nowMs) : [],
    lag: QueueLag.create({
      immediate: immediate.outstanding,
      timers: timers.depth,
      lookAheadUntilMs: timers.lookAheadUntilMs,
      timerLagMs: timers.lagMs(nowMs),
    }),
  });
}

function shardViews({ leases, cache, loads }: Viewed, nowMs: number): ShardView[] {
  const open = cache.openRuns();
  return leases.partitions.map(({ partition: shard, state, rangeId, sinceMs }) => {
    const load = loads.peek(shard);
    return ShardView.create({
      shard,
      state,
      rangeId,
      sinceMs,
      openRuns: open.get(shard) ?? 0,
      transitionsPerSecond: load?.transitions.perSecond(nowMs) ?? 0,
      runningTransactions: load?.running ?? 0,
      lockWaits: load?.waiting ?? 0,
    });
  });
}
