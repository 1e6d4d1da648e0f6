import { EVENT_TYPES, attributesOf } from '../events.ts';
import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { byteLength } from '../text.ts';
import { commandFailure, type CommandFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.ICancelTimerCommandAttributes>;

const bad = (message: string): CommandFailure => commandFailure('BadCancelTimerAttributes', message);

/** Cancels a timer, also one that has fired behind the worker's back: its event is taken out of the buffer again. */
export function cancelTimer(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad('CancelTimerCommandAttributes is not set on CancelTimerCommand.');
  const { timerId = '' } = attributes;
  if (timerId === '') return bad('TimerId is not set on CancelTimerCommand.');
  const { idLength } = draft.environment.limits;
  const length = byteLength(timerId);
  if (length > idLength) {
    const which = `TimerId=${timerId} Length=${length} Limit=${idLength}`;
    return bad(`TimerId on CancelTimerCommand exceeds length limit. ${which}`);
  }
  const startedEventId = draft.timers.get(timerId)?.startedEventId ?? takeFired(draft, timerId);
  if (startedEventId === undefined) {
    return bad(`invalid history builder state for action: add-timer-canceled-event, TimerID: ${timerId}`);
  }
  const { workflowTaskCompletedEventId, identity, userMetadata, eventGroupMarkers } = context;
  draft.emit(
    'TimerCanceled',
    { timerId, startedEventId, workflowTaskCompletedEventId, identity },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}

function takeFired(draft: Draft, timerId: string): number | undefined {
  const fired = draft.takeBuffered(
    (event) => event.eventType === EVENT_TYPES.TimerFired && attributesOf('TimerFired', event).timerId === timerId,
  );
  return fired && attributesOf('TimerFired', fired).startedEventId;
}
