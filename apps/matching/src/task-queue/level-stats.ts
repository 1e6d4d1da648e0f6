import type { LevelStats } from '@duramesh/proto';
import type { Backlog } from './backlog.ts';
import type { QueueStats } from './queue-stats.ts';
import type { Scheduler } from './scheduler.ts';
import { LEVELS } from './waiting-task.ts';

interface Waiting {
  readonly ready: Scheduler;
  readonly backlog: Backlog;
}

/** What a partition reports of each priority that is in use. Only what is stored counts as backlog. @see spec-matching 5.4 */
export function laneStats(lanes: readonly Waiting[], stats: QueueStats, nowMs: number): LevelStats[] {
  const createdMs = Array.from({ length: LEVELS + 1 }, () => nowMs);
  for (const { ready } of lanes) {
    for (const { row, level, ref } of ready) {
      if (row !== 'none') createdMs[level] = Math.min(createdMs[level] ?? nowMs, ref.createdMs);
    }
  }
  const levels: LevelStats[] = [];
  for (let level = 1; level <= LEVELS; level++) {
    const backlogCount = lanes.reduce((sum, { backlog }) => sum + backlog.waiting(level), 0);
    if (backlogCount === 0 && !stats.isUsed(level)) continue;
    const backlogAgeMs = backlogCount === 0 ? 0 : Math.max(nowMs - (createdMs[level] ?? nowMs), 0);
    levels.push({ priorityKey: level, backlogCount, backlogAgeMs, ...stats.rates(level, nowMs) });
  }
  return levels;
}

/** How long the tasks whose turn it is have waited, the oldest of them; undefined when no stored task waits. */
export function headAgeMs(ready: Scheduler, nowMs: number): number | undefined {
  let ageMs: number | undefined;
  for (const { row, ref } of ready.heads()) if (row !== 'none') ageMs = Math.max(ageMs ?? 0, nowMs - ref.createdMs);
  return ageMs;
}
