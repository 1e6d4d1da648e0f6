import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { capDuration, durationProblem } from '../durations.ts';
import { byteLength } from '../text.ts';
import { commandFailure, type CommandFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IStartTimerCommandAttributes>;

const bad = (message: string): CommandFailure => commandFailure('BadStartTimerAttributes', message);

/** Starts a timer. One of no duration fires as soon as this transition is durable, in one of its own. */
export function startTimer(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad('StartTimerCommandAttributes is not set on StartTimerCommand.');
  const { timerId = '', startToFireTimeout } = attributes;
  if (timerId === '') return bad('TimerId is not set on StartTimerCommand.');
  const { idLength } = draft.environment.limits;
  const length = byteLength(timerId);
  if (length > idLength) {
    const which = `TimerId=${timerId} Length=${length} Limit=${idLength}`;
    return bad(`TimerId on StartTimerCommand exceeds length limit. ${which}`);
  }
  const problem = durationProblem(startToFireTimeout);
  if (problem) {
    return bad(`An invalid StartToFireTimeout is set on StartTimerCommand: ${problem}. TimerId=${timerId}`);
  }
  if (draft.timers.has(timerId)) {
    const text = `invalid history builder state for action: add-timer-started-event, TimerID: ${timerId}`;
    return commandFailure('StartTimerDuplicateId', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  draft.emit(
    'TimerStarted',
    { timerId, startToFireTimeout: capDuration(startToFireTimeout), workflowTaskCompletedEventId },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
