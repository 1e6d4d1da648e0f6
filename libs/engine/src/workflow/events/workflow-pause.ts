import type { Draft } from '../draft.ts';
import { fromTimestamp } from '../events.ts';
import type { EventFamily } from '../evolve.ts';
import { tellPauses } from '../pause.ts';
import { STATUS_PAUSED } from '../paused.ts';

const STATUS_RUNNING = 1;

/** Whatever was handed to matching before is worth nothing any more. */
function renewStamps({ activities }: Draft): void {
  for (const activity of activities.values()) {
    activities.set(activity.scheduledEventId, { ...activity, stamp: activity.stamp + 1 });
  }
}

/** A run is paused and goes on: at once, also while the event waits for its id behind a started workflow task. */
export const workflowPauseEvents: EventFamily<'WorkflowExecutionPaused' | 'WorkflowExecutionUnpaused'> = {
  WorkflowExecutionPaused: {
    apply(draft, { identity = '', reason = '', requestId = '' }, event) {
      draft.info.status = STATUS_PAUSED;
      draft.info.pause = { pausedMs: fromTimestamp(event.eventTime), identity, reason, requestId };
      renewStamps(draft);
      tellPauses(draft);
      draft.visibilityChanged = true;
    },
  },
  WorkflowExecutionUnpaused: {
    apply(draft) {
      draft.info.status = STATUS_RUNNING;
      draft.info.pause = undefined;
      renewStamps(draft);
      tellPauses(draft);
      draft.visibilityChanged = true;
    },
  },
};
