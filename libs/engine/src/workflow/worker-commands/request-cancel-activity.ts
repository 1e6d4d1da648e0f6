import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { attributesOf, eventName, type HistoryEvent } from '../events.ts';
import { jsonPayload } from '../properties.ts';
import { commandFailure, type CommandFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IRequestCancelActivityTaskCommandAttributes>;

const NOT_STARTED = { payloads: [jsonPayload('ACTIVITY_ID_NOT_STARTED')] };

const bad = (message: string): CommandFailure => commandFailure('BadRequestCancelActivityAttributes', message);

/**
 * Asks for the end of an activity. One that no worker has taken ends at once; another learns of it by its heartbeat; of
 * one whose end waits in the buffer only the request is written.
 */
export function requestCancelActivity(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) {
    return bad('RequestCancelActivityTaskCommandAttributes is not set on RequestCancelActivityTaskCommand.');
  }
  const { scheduledEventId = 0 } = attributes;
  if (scheduledEventId <= 0) return bad('ScheduledEventId is not set on RequestCancelActivityTaskCommand.');
  const activity = draft.activities.get(scheduledEventId);
  if (activity ? activity.cancelRequested : !draft.findBuffered((event) => endsActivity(event, scheduledEventId))) {
    const action = 'invalid history builder state for action: add-activitytask-cancel-requested-event';
    return bad(`${action}, ScheduledEventID: ${scheduledEventId}`);
  }
  const { workflowTaskCompletedEventId, identity, userMetadata, eventGroupMarkers } = context;
  const requested = draft.emit(
    'ActivityTaskCancelRequested',
    { scheduledEventId, workflowTaskCompletedEventId },
    { userMetadata, eventGroupMarkers },
  );
  if (!activity || activity.startedMs > 0) return undefined;
  draft.buffer('ActivityTaskCanceled', {
    details: NOT_STARTED,
    latestCancelRequestedEventId: requested.eventId,
    scheduledEventId,
    identity,
  });
  return undefined;
}

function endsActivity(event: HistoryEvent, scheduledEventId: number): boolean {
  const name = eventName(event.eventType);
  switch (name) {
    case 'ActivityTaskCompleted':
    case 'ActivityTaskFailed':
    case 'ActivityTaskTimedOut':
    case 'ActivityTaskCanceled':
      return attributesOf(name, event).scheduledEventId === scheduledEventId;
    default:
      return false;
  }
}
