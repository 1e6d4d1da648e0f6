import type { ActivityInfo, CallbackInfo, ChildInfo, ExternalRequestInfo, TimerInfo } from '@duramesh/proto';
import { activityDueMs } from './activity-deadlines.ts';
import { callbackSizeBytes } from './callbacks.ts';
import { waitsAfterClose, waitsWhileOpen } from './child-work.ts';
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
  /** What the callbacks take up, about. */
  readonly callbacksSizeBytes: number;
  /** Children that are to be told something while the run is open. */
  readonly waitingChildren: number;
  /** Children that are to be told something once the run is closed. */
  readonly childrenLeft: number;
  /** Signals and cancel requests on their way to other workflows. */
  readonly externalRequests: number;
}

export const NOTHING_PENDING: Summary = {
  timersDueMs: Number.POSITIVE_INFINITY,
  activitiesDueMs: Number.POSITIVE_INFINITY,
  waitingActivities: 0,
  activitiesSizeBytes: 0,
  callbacksSizeBytes: 0,
  waitingChildren: 0,
  childrenLeft: 0,
  externalRequests: 0,
};

interface Summarized {
  readonly base: { readonly summary: Summary };
  readonly activities: Overlay<number, ActivityInfo>;
  readonly timers: Overlay<string, TimerInfo>;
  readonly callbacks: Overlay<number, CallbackInfo>;
  readonly children: Overlay<number, ChildInfo>;
  readonly externalCancels: Overlay<number, ExternalRequestInfo>;
  readonly externalSignals: Overlay<number, ExternalRequestInfo>;
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

interface Collections {
  readonly activities: Visited<ActivityInfo>;
  readonly timers: Visited<TimerInfo>;
  readonly callbacks: Visited<CallbackInfo>;
  readonly children: Visited<ChildInfo>;
  readonly externalCancels: { readonly size: number };
  readonly externalSignals: { readonly size: number };
}

/** The summary of collections nothing is known of yet: looks at all. */
export function summarize(collections: Collections): Summary {
  const { activities, timers, callbacks, children, externalCancels, externalSignals } = collections;
  let waitingActivities = 0;
  let activitiesSizeBytes = 0;
  activities.forEach((activity) => {
    if (waitsForWorker(activity)) waitingActivities += 1;
    activitiesSizeBytes += activitySizeBytes(activity);
  });
  let callbacksSizeBytes = 0;
  callbacks.forEach((callback) => (callbacksSizeBytes += callbackSizeBytes(callback)));
  return {
    timersDueMs: scan(timers, timerDueMs),
    activitiesDueMs: scan(activities, activityDueMs),
    waitingActivities,
    activitiesSizeBytes,
    callbacksSizeBytes,
    ...countChildren(children),
    externalRequests: externalCancels.size + externalSignals.size,
  };
}

type ChildCounts = Pick<Summary, 'waitingChildren' | 'childrenLeft'>;

const count = (child: ChildInfo | undefined, counts: (child: ChildInfo) => boolean): number =>
  child !== undefined && counts(child) ? 1 : 0;

function countChildren(children: Visited<ChildInfo>): ChildCounts {
  let waitingChildren = 0;
  let childrenLeft = 0;
  children.forEach((child) => {
    waitingChildren += count(child, waitsWhileOpen);
    childrenLeft += count(child, waitsAfterClose);
  });
  return { waitingChildren, childrenLeft };
}

function recountChildren(children: Overlay<number, ChildInfo>, before: ChildCounts): ChildCounts {
  let { waitingChildren, childrenLeft } = before;
  children.forEachChange((was, is) => {
    waitingChildren += count(is, waitsWhileOpen) - count(was, waitsWhileOpen);
    childrenLeft += count(is, waitsAfterClose) - count(was, waitsAfterClose);
  });
  return { waitingChildren, childrenLeft };
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
export function summaryOf(draft: Summarized): Summary {
  const { activities, timers, callbacks, children, externalCancels, externalSignals } = draft;
  const { summary } = draft.base;
  const all = [activities, timers, callbacks, children, externalCancels, externalSignals];
  const touched = all.some((one) => one.touched);
  if (!touched) return summary;
  let { waitingActivities, activitiesSizeBytes, callbacksSizeBytes } = summary;
  callbacks.forEachChange((was, is) => {
    callbacksSizeBytes += (is ? callbackSizeBytes(is) : 0) - (was ? callbackSizeBytes(was) : 0);
  });
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
    callbacksSizeBytes,
    ...recountChildren(children, summary),
    externalRequests: externalCancels.size + externalSignals.size,
  };
}
