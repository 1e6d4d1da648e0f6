import type { ActivityInfo, TimerInfo } from '@duramesh/proto';
import { activityDueMs } from './activity-deadlines.ts';
import type { Overlay } from './overlay.ts';
import { activitySizeBytes } from './state-size.ts';

/**
 * What the collections of a run have to say to every transition, so that none looks through a collection that it does
 * not touch: a signal costs the same beside ten thousand timers as beside none.
 */
export interface Summary {
  /** When the first timer fires; Infinity means never. */
  readonly timersDueMs: number;
  /** When the first activity becomes due; Infinity means never. */
  readonly activitiesDueMs: number;
  /** Activities that a worker could take now. */
  readonly waitingActivities: number;
  /** What the activities take up, about. */
  readonly activitiesSizeBytes: number;
}

export const NOTHING_PENDING: Summary = {
  timersDueMs: Number.POSITIVE_INFINITY,
  activitiesDueMs: Number.POSITIVE_INFINITY,
  waitingActivities: 0,
  activitiesSizeBytes: 0,
};

interface Summarized {
  readonly base: { readonly summary: Summary };
  readonly activities: Overlay<number, ActivityInfo>;
  readonly timers: Overlay<string, TimerInfo>;
}

/** The activity's task is, or should be, with matching. */
export const waitsForWorker = (activity: ActivityInfo): boolean =>
  activity.startedMs === 0 && !activity.inBackoff && activity.pause === undefined;

const timerDueMs = (timer: TimerInfo): number => timer.firesMs;

interface Visited<V> {
  forEach(visit: (value: V) => void): void;
}

function scan<V>(values: Visited<V>, dueMs: (value: V) => number): number {
  let earliest = Number.POSITIVE_INFINITY;
  values.forEach((value) => {
    const due = dueMs(value);
    if (due < earliest) earliest = due;
  });
  return earliest;
}

/** The summary of collections nothing is known of yet: looks at all. */
export function summarize(activities: Visited<ActivityInfo>, timers: Visited<TimerInfo>): Summary {
  let waitingActivities = 0;
  let activitiesSizeBytes = 0;
  activities.forEach((activity) => {
    if (waitsForWorker(activity)) waitingActivities += 1;
    activitiesSizeBytes += activitySizeBytes(activity);
  });
  return {
    timersDueMs: scan(timers, timerDueMs),
    activitiesDueMs: scan(activities, activityDueMs),
    waitingActivities,
    activitiesSizeBytes,
  };
}

/** The earliest of all, looking at what was written only, unless what was the earliest is gone or later now. */
function earliestOf<K, V extends object>(overlay: Overlay<K, V>, before: number, dueMs: (value: V) => number): number {
  let earliest = before;
  let lost = false;
  overlay.forEachChange((was, is) => {
    const due = is === undefined ? Number.POSITIVE_INFINITY : dueMs(is);
    if (due < earliest) earliest = due;
    if (was !== undefined && due > before && dueMs(was) === before) lost = true;
  });
  return lost && earliest === before ? scan(overlay, dueMs) : earliest;
}

/** The summary after a transition. */
export function summaryOf({ base: { summary }, activities, timers }: Summarized): Summary {
  if (!activities.touched && !timers.touched) return summary;
  let { waitingActivities, activitiesSizeBytes } = summary;
  activities.forEachChange((was, is) => {
    if (was !== undefined) {
      if (waitsForWorker(was)) waitingActivities -= 1;
      activitiesSizeBytes -= activitySizeBytes(was);
    }
    if (is !== undefined) {
      if (waitsForWorker(is)) waitingActivities += 1;
      activitiesSizeBytes += activitySizeBytes(is);
    }
  });
  return {
    timersDueMs: earliestOf(timers, summary.timersDueMs, timerDueMs),
    activitiesDueMs: earliestOf(activities, summary.activitiesDueMs, activityDueMs),
    waitingActivities,
    activitiesSizeBytes,
  };
}
