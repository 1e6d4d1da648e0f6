import { must } from '@duramesh/runtime';
import type { Plain, temporal } from '@duramesh/proto';
import { indexActivity, pendingActivityById } from '../activity-index.ts';
import type { Draft } from '../draft.ts';
import { capDuration, durationProblem } from '../durations.ts';
import { type Attributes as EventAttributes, fromDuration, toDuration } from '../events.ts';
import { dispatchActivityOf } from '../outstanding.ts';
import { priorityProblem } from '../priority.ts';
import { fillRetryPolicy, type RetryPolicy, retryPolicyProblem } from '../retry-policy.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { taskQueueProblem } from '../task-queue.ts';
import { byteLength } from '../text.ts';
import {
  commandFailure,
  type CommandFailure,
  pendingFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IScheduleActivityTaskCommandAttributes>;

type Timeouts = Pick<
  EventAttributes<'ActivityTaskScheduled'>,
  'scheduleToCloseTimeout' | 'scheduleToStartTimeout' | 'startToCloseTimeout' | 'heartbeatTimeout'
>;

const KIND_NORMAL = 1;

/** Writes ActivityTaskScheduled and hands the activity to matching, or to the answer if its worker wants it eagerly. */
export function scheduleActivity(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) {
    const text = 'ScheduleActivityTaskCommandAttributes is not set on ScheduleActivityTaskCommand.';
    return commandFailure('BadScheduleActivityAttributes', text);
  }
  const retryPolicy = fillRetryPolicy(attributes.retryPolicy);
  const problem = attributesProblem(draft, attributes, retryPolicy);
  if (problem) return commandFailure('BadScheduleActivityAttributes', problem);
  const refused = limitFailure(draft, attributes);
  if (refused) return refused;

  const { activityId = '', taskQueue, input, header, priority, useWorkflowBuildId } = attributes;
  const { userMetadata, eventGroupMarkers, effects } = context;
  const event = draft.emit(
    'ActivityTaskScheduled',
    {
      activityId,
      activityType: attributes.activityType,
      taskQueue: { name: taskQueue?.name, kind: KIND_NORMAL },
      input,
      header,
      ...normalTimeouts(attributes, draft.info.runTimeoutMs),
      workflowTaskCompletedEventId: context.workflowTaskCompletedEventId,
      retryPolicy,
      priority,
      useWorkflowBuildId,
    },
    { userMetadata, eventGroupMarkers },
  );
  const scheduledEventId = event.eventId ?? 0;
  indexActivity(draft, activityId, scheduledEventId);
  if (attributes.requestEagerExecution) effects.eagerActivities.push(scheduledEventId);
  else {
    const activity = must(draft.activities.get(scheduledEventId), 'a scheduled activity must be pending');
    draft.tasks.push(dispatchActivityOf(activity, draft.info));
  }
  return undefined;
}

function attributesProblem(draft: Draft, attributes: Attributes, retryPolicy: RetryPolicy): string | undefined {
  const { idLength } = draft.environment.limits;
  const queueProblem = taskQueueProblem(attributes.taskQueue, { parent: draft.info.taskQueue, idLength });
  if (queueProblem) return queueProblem;
  const { activityId = '', priority } = attributes;
  const activityType = attributes.activityType?.name ?? '';
  if (activityId === '') return 'activityId is not set';
  if (activityType === '') return 'activityType is not set';
  const idProblem = lengthProblem('activityId', activityId, idLength);
  if (idProblem) return idProblem;
  const typeProblem = lengthProblem('activityType', activityType, idLength);
  if (typeProblem) return typeProblem;
  const policyProblem = retryPolicyProblem(retryPolicy);
  if (policyProblem) return policyProblem;
  const timeoutProblem = timeoutsProblem(attributes);
  if (timeoutProblem) return timeoutProblem;
  const badPriority = priorityProblem(priority);
  return badPriority && `invalid priorities: ${badPriority}`;
}

function lengthProblem(field: string, value: string, limit: number): string | undefined {
  const length = byteLength(value);
  return length > limit ? `${field} exceeds length limit. Length=${length} Limit=${limit}` : undefined;
}

function timeoutsProblem(attributes: Attributes): string | undefined {
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = attributes;
  const toClose = durationProblem(scheduleToCloseTimeout);
  if (toClose) return `invalid ScheduleToCloseTimeout: ${toClose}`;
  const toStart = durationProblem(scheduleToStartTimeout);
  if (toStart) return `invalid ScheduleToStartTimeout: ${toStart}`;
  const started = durationProblem(startToCloseTimeout);
  if (started) return `invalid StartToCloseTimeout: ${started}`;
  const heartbeat = durationProblem(heartbeatTimeout);
  if (heartbeat) return `invalid HeartbeatTimeout: ${heartbeat}`;
  if (fromDuration(startToCloseTimeout) > 0 || fromDuration(scheduleToCloseTimeout) > 0) return undefined;
  const which = `ActivityId=${attributes.activityId} ActivityType=${attributes.activityType?.name}`;
  return `a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ${which}`;
}

function limitFailure(draft: Draft, { input, activityId = '' }: Attributes): CommandFailure | undefined {
  const { blobSizeBytes, pendingActivities } = draft.environment.limits;
  if (payloadsSizeBytes(input) > blobSizeBytes) {
    const text = 'ScheduleActivityTaskCommandAttributes.Input exceeds size limit.';
    return terminatingFailure('BadScheduleActivityAttributes', text);
  }
  const what = { cause: 'PendingActivitiesLimitExceeded', name: 'pending activities' } as const;
  const tooMany = pendingFailure(what, draft.activities.size, pendingActivities);
  if (tooMany) return tooMany;
  if (!pendingActivityById(draft, activityId)) return undefined;
  const text = `invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: ${activityId}`;
  return commandFailure('ScheduleActivityDuplicateId', text);
}

/** Every timeout is given, 0 meaning none, and none is longer than one that contains it. @see spec-history 5.1 */
function normalTimeouts(attributes: Attributes, runTimeoutMs: number): Timeouts {
  const givenMs = (duration: Attributes['heartbeatTimeout']): number => fromDuration(capDuration(duration));
  const toCloseMs = givenMs(attributes.scheduleToCloseTimeout);
  const toStartMs = givenMs(attributes.scheduleToStartTimeout);
  const startedMs = givenMs(attributes.startToCloseTimeout);
  const whole = toCloseMs > 0 ? toCloseMs : runTimeoutMs;
  const within = (valueMs: number, limitMs: number): number => (limitMs > 0 ? Math.min(valueMs, limitMs) : valueMs);
  const scheduleToCloseMs = within(whole, runTimeoutMs);
  const scheduleToStartMs = within(toStartMs > 0 ? toStartMs : whole, scheduleToCloseMs);
  const startToCloseMs = within(startedMs > 0 ? startedMs : whole, scheduleToCloseMs);
  return {
    scheduleToCloseTimeout: toDuration(scheduleToCloseMs),
    scheduleToStartTimeout: toDuration(scheduleToStartMs),
    startToCloseTimeout: toDuration(startToCloseMs),
    heartbeatTimeout: toDuration(within(givenMs(attributes.heartbeatTimeout), startToCloseMs)),
  };
}
