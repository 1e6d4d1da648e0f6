import type { Plain, temporal } from '@duramesh/proto';
import { continueAsNewRun } from '../chain.ts';
import type { Draft } from '../draft.ts';
import { durationProblem } from '../durations.ts';
import { type Attributes as EventAttributes, fromDuration, toDuration } from '../events.ts';
import { fillRetryPolicy, retryPolicyProblem } from '../retry-policy.ts';
import { checkedSearchAttributes } from '../search-attributes.ts';
import { fieldsSizeBytes, memoSizeBytes, payloadsSizeBytes } from '../sizes.ts';
import { taskQueueProblem } from '../task-queue.ts';
import { byteLength } from '../text.ts';
import { closesPastEvents } from './closing.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IContinueAsNewWorkflowExecutionCommandAttributes>;

const ON = 'on ContinueAsNewWorkflowExecutionCommand';
const KIND_NORMAL = 1;
const bad = (message: string): CommandFailure => commandFailure('BadContinueAsNewAttributes', message);

/** Ends the run and begins the next with a history of its own. @see spec-history 1.8 */
export function continueAsNew(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (closesPastEvents(draft)) return commandFailure('UnhandledCommand');
  if (!attributes) return bad(`ContinueAsNewWorkflowExecutionCommandAttributes is not set ${ON}.`);
  const given = attributes.searchAttributes;
  const checked = given ? checkedSearchAttributes(draft, given) : undefined;
  if (checked?.problem !== undefined) return commandFailure('BadSearchAttributes', checked.problem);
  const problem = attributesProblem(draft, attributes);
  if (problem !== undefined) return bad(problem);
  const tooLarge = sizeFailure(draft, attributes);
  if (tooLarge) return tooLarge;

  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const continued = continuedAttributes(draft, { ...attributes, searchAttributes: checked?.searchAttributes });
  const { newExecutionRunId, backoffMs } = continueAsNewRun(draft, {
    continued,
    initiator: attributes.initiator ?? 0,
    retryPolicy: attributes.retryPolicy && fillRetryPolicy(attributes.retryPolicy),
    cronSchedule: attributes.cronSchedule ?? '',
    backoffMs: fromDuration(attributes.backoffStartInterval),
    initialBehavior: attributes.initialVersioningBehavior ?? 0,
  });
  draft.emit(
    'WorkflowExecutionContinuedAsNew',
    {
      ...continued,
      newExecutionRunId,
      workflowTaskCompletedEventId,
      backoffStartInterval: backoffMs > 0 ? toDuration(backoffMs) : undefined,
    },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}

/** What the command leaves out stays as it is. */
function continuedAttributes(
  { info, environment: { limits } }: Draft,
  attributes: Attributes,
): EventAttributes<'WorkflowExecutionContinuedAsNew'> {
  const runTimeoutMs = fromDuration(attributes.workflowRunTimeout) || info.runTimeoutMs;
  const boundedMs = info.executionTimeoutMs > 0 ? Math.min(runTimeoutMs, info.executionTimeoutMs) : runTimeoutMs;
  let taskTimeoutMs = fromDuration(attributes.workflowTaskTimeout) || info.workflowTaskTimeoutMs;
  taskTimeoutMs = Math.min(taskTimeoutMs, limits.workflowTaskTimeoutMaximumMs);
  if (boundedMs > 0) taskTimeoutMs = Math.min(taskTimeoutMs, boundedMs);
  const { input, header, memo, searchAttributes, initiator, failure, lastCompletionResult } = attributes;
  return {
    workflowType: { name: attributes.workflowType?.name || info.workflowType },
    taskQueue: { name: attributes.taskQueue?.name || info.taskQueue, kind: KIND_NORMAL },
    input,
    header,
    memo,
    searchAttributes,
    workflowRunTimeout: toDuration(boundedMs),
    workflowTaskTimeout: toDuration(taskTimeoutMs),
    initiator,
    failure,
    lastCompletionResult,
  };
}

function attributesProblem(draft: Draft, attributes: Attributes): string | undefined {
  const { idLength } = draft.environment.limits;
  const type = attributes.workflowType?.name ?? '';
  if (byteLength(type) > idLength) return `WorkflowType ${ON} exceeds length limit.`;
  if (attributes.taskQueue?.name) {
    const queueProblem = taskQueueProblem(attributes.taskQueue, { parent: draft.info.taskQueue, idLength });
    if (queueProblem) return `error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: ${queueProblem}`;
  }
  const run = durationProblem(attributes.workflowRunTimeout);
  if (run) return `Invalid WorkflowRunTimeout ${ON}: ${run}`;
  const task = durationProblem(attributes.workflowTaskTimeout);
  if (task) return `Invalid WorkflowTaskTimeout ${ON}: ${task}`;
  const pause = durationProblem(attributes.backoffStartInterval);
  if (pause) return `Invalid BackoffStartInterval ${ON}: ${pause}`;
  const { retryPolicy } = attributes;
  const policy = retryPolicy && retryPolicyProblem(fillRetryPolicy(retryPolicy));
  return policy && `invalid WorkflowRetryPolicy ${ON}: ${policy}`;
}

function sizeFailure({ environment: { limits } }: Draft, attributes: Attributes): CommandFailure | undefined {
  const tooLarge = (field: string): CommandFailure =>
    terminatingFailure(
      'BadContinueAsNewAttributes',
      `ContinueAsNewWorkflowExecutionCommandAttributes. ${field} exceeds size limit.`,
    );
  if (payloadsSizeBytes(attributes.input) > limits.blobSizeBytes) return tooLarge('Input');
  if (memoSizeBytes(attributes.memo) > limits.memoSizeBytes) return tooLarge('Memo');
  const searchAttributesSize = fieldsSizeBytes(attributes.searchAttributes?.indexedFields);
  return searchAttributesSize > limits.searchAttributesSizeBytes ? tooLarge('SearchAttributes') : undefined;
}
