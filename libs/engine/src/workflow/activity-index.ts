import type { ActivityInfo } from '@duramesh/proto';
import type { Draft } from './draft.ts';

/** Built when first asked for: most transitions know their activity by its scheduled event. */
const indexes = new WeakMap<Draft, Map<string, number>>();

/** The pending activity of that id; ids are unique among pending ones. */
export function pendingActivityById(draft: Draft, activityId: string): ActivityInfo | undefined {
  if (draft.activities.size === 0) return undefined;
  let index = indexes.get(draft);
  if (!index) {
    const built = new Map<string, number>();
    draft.activities.forEach((activity) => built.set(activity.activityId, activity.scheduledEventId));
    indexes.set(draft, built);
    index = built;
  }
  const scheduledEventId = index.get(activityId);
  const activity = scheduledEventId === undefined ? undefined : draft.activities.get(scheduledEventId);
  return activity?.activityId === activityId ? activity : undefined;
}

/** To be told of every activity that a draft adds. */
export function indexActivity(draft: Draft, activityId: string, scheduledEventId: number): void {
  indexes.get(draft)?.set(activityId, scheduledEventId);
}
