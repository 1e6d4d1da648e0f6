import { must } from '@duramesh/runtime';
import type { Plain, temporal } from '@duramesh/proto';
import { indexActivity, pendingActivityById } from '../activity-index.ts';
import type { Draft } from '../draft.ts';
import { normalTimeouts, timeoutsProblem } from '../given-timeouts.ts';
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
  if (attributes.requestEagerExecution && isForOwnVersion(draft, attributes))
    effects.eagerActivities.push(scheduledEventId);
  else {
    const activity = must(draft.activities.get(scheduledEventId), 'a scheduled activity must be pending');
    draft.tasks.push(dispatchActivityOf(activity, draft.info));
  }
  return undefined;
}

/** The worker of a run with a version gets only what any worker of that version may do. @see spec-history 5.7 */
const isForOwnVersion = ({ info }: Draft, { useWorkflowBuildId }: Attributes): boolean =>
  !info.versioning || (useWorkflowBuildId ?? false);

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
  const timeoutProblem = timeoutsProblem(attributes, `ActivityId=${activityId} ActivityType=${activityType}`);
  if (timeoutProblem) return timeoutProblem;
  const badPriority = priorityProblem(priority);
  return badPriority && `invalid priorities: ${badPriority}`;
}

function lengthProblem(field: string, value: string, limit: number): string | undefined {
  const length = byteLength(value);
  return length > limit ? `${field} exceeds length limit. Length=${length} Limit=${limit}` : undefined;
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
