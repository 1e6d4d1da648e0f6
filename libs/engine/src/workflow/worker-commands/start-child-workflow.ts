import type { Plain, temporal } from '@duramesh/proto';
import { PARENT_CLOSE } from '../child-work.ts';
import { parseCron } from '../cron.ts';
import type { Draft } from '../draft.ts';
import { capDuration, durationProblem } from '../durations.ts';
import { type Attributes as EventAttributes, fromDuration, toDuration } from '../events.ts';
import { priorityProblem } from '../priority.ts';
import { withoutUnsetMemo, withoutUnsetSearchAttributes } from '../properties.ts';
import { fillRetryPolicy, retryPolicyProblem } from '../retry-policy.ts';
import { checkedSearchAttributes } from '../search-attributes.ts';
import { fieldsSizeBytes, memoSizeBytes, payloadsSizeBytes } from '../sizes.ts';
import { taskQueueProblem } from '../task-queue.ts';
import { byteLength } from '../text.ts';
import { timeSkippingOfChild } from '../time-skipping.ts';
import { overrideProblem, storedOverride } from '../versioning-override.ts';
import { namespaceProblem } from './target-workflow.ts';
import {
  commandFailure,
  type CommandFailure,
  pendingFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IStartChildWorkflowExecutionCommandAttributes>;

const COMMAND = 'StartChildWorkflowExecutionCommand';
const CAUSE = 'BadStartChildExecutionAttributes';
const KIND_NORMAL = 1;
const ALLOW_DUPLICATE = 1;
const PENDING = { cause: 'PendingChildWorkflowsLimitExceeded', name: 'pending child workflow executions' } as const;

const bad = (message: string): CommandFailure => commandFailure(CAUSE, message);

/** Decides that a child is to be started; what becomes of it is told by later events. @see spec-history 6.5 */
export function startChildWorkflow(
  draft: Draft,
  given: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!given) return bad(`StartChildWorkflowExecutionCommandAttributes is not set on ${COMMAND}.`);
  // A run and its children share their namespace, which texts name whether the command does or not.
  const attributes = { ...given, namespace: given.namespace || draft.info.namespace };
  const checked = attributes.searchAttributes && checkedSearchAttributes(draft, attributes.searchAttributes);
  if (checked?.problem !== undefined) return commandFailure('BadSearchAttributes', checked.problem);
  const problem = attributesProblem(draft, attributes);
  if (problem) return bad(problem);
  const overBound = boundFailure(draft, attributes);
  if (overBound) return overBound;

  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers, effects } = context;
  const { eventId: initiatedEventId = 0 } = draft.emit(
    'StartChildWorkflowExecutionInitiated',
    {
      ...initiatedAttributes(draft, attributes),
      searchAttributes: withoutUnsetSearchAttributes(checked?.searchAttributes),
      workflowTaskCompletedEventId,
    },
    { userMetadata, eventGroupMarkers },
  );
  effects.children.add(attributes.workflowId ?? '');
  draft.tasks.push({ type: 'StartChild', initiatedEventId });
  return undefined;
}

/** What the command leaves out is filled in. */
function initiatedAttributes(
  draft: Draft,
  attributes: Attributes,
): EventAttributes<'StartChildWorkflowExecutionInitiated'> {
  const { info } = draft;
  const { namespace, workflowId, workflowType, input, header, control, cronSchedule, priority } = attributes;
  const { retryPolicy, memo, versioningOverride, inheritBuildId } = attributes;
  return {
    namespace,
    namespaceId: info.namespaceId,
    workflowId,
    workflowType,
    taskQueue: { name: attributes.taskQueue?.name || info.taskQueue, kind: KIND_NORMAL },
    input,
    ...timeouts(draft, attributes),
    parentClosePolicy: attributes.parentClosePolicy || PARENT_CLOSE.terminate,
    control,
    workflowIdReusePolicy: attributes.workflowIdReusePolicy || ALLOW_DUPLICATE,
    retryPolicy: retryPolicy && fillRetryPolicy(retryPolicy),
    cronSchedule,
    header,
    memo: withoutUnsetMemo(memo),
    inheritBuildId,
    priority,
    versioningOverride: versioningOverride && storedOverride(versioningOverride),
    ...timeSkippingOfChild(info),
  };
}

/** Bounded by the limits and by each other: a task by its run, a run by the whole execution. */
function timeouts(
  { environment: { limits } }: Draft,
  attributes: Attributes,
): EventAttributes<'StartChildWorkflowExecutionInitiated'> {
  const workflowExecutionTimeout = capDuration(attributes.workflowExecutionTimeout);
  const executionMs = fromDuration(workflowExecutionTimeout);
  const givenRunMs = fromDuration(capDuration(attributes.workflowRunTimeout));
  const runMs = executionMs > 0 ? Math.min(givenRunMs || executionMs, executionMs) : givenRunMs;
  const givenTaskMs = fromDuration(attributes.workflowTaskTimeout) || limits.workflowTaskTimeoutMs;
  const taskMs = Math.min(givenTaskMs, limits.workflowTaskTimeoutMaximumMs);
  return {
    workflowExecutionTimeout,
    workflowRunTimeout: toDuration(runMs),
    workflowTaskTimeout: toDuration(runMs > 0 ? Math.min(taskMs, runMs) : taskMs),
  };
}

const requiredField = (field: string): string => `Required field ${field} is not set on ${COMMAND}.`;

function attributesProblem(draft: Draft, attributes: Attributes): string | undefined {
  const { namespace = '', workflowId = '', priority, versioningOverride } = attributes;
  const type = attributes.workflowType?.name ?? '';
  const foreign = namespaceProblem(draft, namespace);
  if (foreign) return foreign;
  if (workflowId === '') return `${requiredField('WorkflowId')} WorkflowType=${type} Namespace=${namespace}`;
  if (type === '') return `${requiredField('WorkflowType')} WorkflowId=${workflowId} Namespace=${namespace}`;
  const which = `WorkflowId=${workflowId} WorkflowType=${type} Namespace=${namespace}`;
  return (
    lengthProblem(draft, { workflowId, type, namespace }) ??
    timeoutProblem(attributes, which) ??
    scheduleProblem(attributes, which) ??
    priorityProblem(priority) ??
    queueProblem(draft, attributes, which) ??
    overrideProblem(versioningOverride)
  );
}

interface Names {
  readonly workflowId: string;
  readonly type: string;
  readonly namespace: string;
}
function lengthProblem(draft: Draft, { workflowId, type, namespace }: Names): string | undefined {
  const { idLength } = draft.environment.limits;
  const over = (field: string, lengths: string): string =>
    `${field} on ${COMMAND} exceeds length limit. WorkflowId=${workflowId} ${lengths} Namespace=${namespace}`;
  const idBytes = byteLength(workflowId);
  if (idBytes > idLength) return over('WorkflowId', `Length=${idBytes} Limit=${idLength} WorkflowType=${type}`);
  const typeBytes = byteLength(type);
  return typeBytes > idLength
    ? over('WorkflowType', `WorkflowType=${type} Length=${typeBytes} Limit=${idLength}`)
    : undefined;
}

function timeoutProblem(attributes: Attributes, which: string): string | undefined {
  const fields = [
    ['WorkflowExecutionTimeout', attributes.workflowExecutionTimeout],
    ['WorkflowRunTimeout', attributes.workflowRunTimeout],
    ['WorkflowTaskTimeout', attributes.workflowTaskTimeout],
  ] as const;
  for (const [field, timeout] of fields) {
    const problem = durationProblem(timeout);
    if (problem) return `Invalid ${field} on ${COMMAND}: ${problem}. ${which}`;
  }
  return undefined;
}

function scheduleProblem({ retryPolicy, cronSchedule }: Attributes, which: string): string | undefined {
  const policy = retryPolicy && retryPolicyProblem(fillRetryPolicy(retryPolicy));
  if (policy) return `invalid WorkflowRetryPolicy on ${COMMAND}: ${policy}. ${which}`;
  if (!cronSchedule) return undefined;
  const parsed = parseCron(cronSchedule);
  if (parsed?.next(0) !== undefined) return undefined;
  const never = 'invalid CronSchedule, no time can be found to satisfy the schedule';
  return `invalid CronSchedule on ${COMMAND}: ${parsed ? never : 'invalid CronSchedule.'}. ${which}`;
}

function queueProblem(draft: Draft, { taskQueue }: Attributes, which: string): string | undefined {
  const parent = draft.info.taskQueue;
  const name = taskQueue?.name || parent;
  const problem = taskQueueProblem({ name }, { parent, idLength: draft.environment.limits.idLength });
  return problem && `invalid TaskQueue on ${COMMAND}: ${problem}. ${which} TaskQueue=${name}`;
}

function boundFailure(draft: Draft, { input, memo, searchAttributes }: Attributes): CommandFailure | undefined {
  const {
    blobSizeBytes,
    memoSizeBytes: memoLimit,
    searchAttributesSizeBytes,
    pendingChildren,
  } = draft.environment.limits;
  const tooLarge = (what: string): CommandFailure =>
    terminatingFailure(CAUSE, `StartChildWorkflowExecutionCommandAttributes.${what} exceeds size limit.`);
  if (payloadsSizeBytes(input) > blobSizeBytes) return tooLarge(' Input');
  if (memoSizeBytes(memo) > memoLimit) return tooLarge('Memo');
  if (fieldsSizeBytes(searchAttributes?.indexedFields) > searchAttributesSizeBytes) return tooLarge('SearchAttributes');
  return pendingFailure(PENDING, draft.children.size, pendingChildren);
}
