import type { ActivityInfo, ActivityPause, ExecutionInfo } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { tellPauses } from './pause.ts';

/** A rule of the namespace by which an activity is paused, and who wrote it why. */
export interface PausingRule {
  readonly ruleId: string;
  readonly identity: string;
  readonly reason: string;
}

/** The first rule that pauses the activity, if any does. A function of its arguments and the namespace alone. */
export type WorkflowRules = (activity: ActivityInfo, info: ExecutionInfo) => PausingRule | undefined;

/** How a rule pauses the activity that is about to begin an attempt, or to wait for one. */
export function pauseByRule(draft: Draft, activity: ActivityInfo): ActivityPause | undefined {
  const rule = draft.environment.workflowRules?.(activity, draft.info);
  return rule && { pausedMs: draft.now, requestId: '', ...rule };
}

/** True when the attempt does not begin, because a rule pauses the activity. @see spec-history 8.4 */
export function isHeldByRule(draft: Draft, activity: ActivityInfo): boolean {
  const pause = pauseByRule(draft, activity);
  if (!pause) return false;
  // What was handed out for the attempt is worth nothing any more.
  draft.activities.set(activity.scheduledEventId, { ...activity, pause, stamp: activity.stamp + 1 });
  tellPauses(draft);
  return true;
}
