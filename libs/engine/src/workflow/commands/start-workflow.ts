import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import { awaitParent } from '../awaited-parent.ts';
import { cronBackoffMs } from '../cron.ts';
import type { Draft } from '../draft.ts';
import { type Attributes, fromDuration, toDuration, toTimestamp } from '../events.ts';
import { withoutUnsetMemo, withoutUnsetSearchAttributes } from '../properties.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { rememberStartRequest } from '../request-ids.ts';
import { checkedSearchAttributes } from '../search-attributes.ts';
import { memoSizeBytes, payloadsSizeBytes } from '../sizes.ts';
import { storedOverride } from '../versioning-override.ts';
import { beginWorkflowTask, scheduleWorkflowTask } from '../workflow-task.ts';
import { awaitWorker } from './admit-update.ts';

type Command = CommandOf<'StartWorkflow'>;

const KIND_NORMAL = 1;
const INITIATOR_CRON = 3;
const blobTooLarge = refusal('InvalidArgument', 'Blob data size exceeds limit.');
const memoTooLarge = refusal('InvalidArgument', 'Memo size exceeds limit.');

/** Begins the first run of a chain. @see spec-history 1.2, 1.4, 1.5 */
export function startWorkflow(draft: Draft, command: Command): Verdict<ReplyOf<'StartWorkflow'>> {
  const problem = tooLarge(draft, command);
  if (problem) return refused(problem);
  const { namespace, requestId, signal } = command;
  const checked = typedRequest(draft, command);
  if ('problem' in checked) return refused(refusal('InvalidArgument', checked.problem));
  const { request } = checked;
  draft.info.namespace = namespace;
  draft.info.traceparent = draft.environment.traceparent ?? '';
  const backoffMs = firstBackoffMs(draft, command);
  const eager = command.eager && backoffMs === 0;
  const { userMetadata, links } = request;
  draft.emit('WorkflowExecutionStarted', startedAttributes(draft, { ...command, request }, { backoffMs, eager }), {
    userMetadata,
    links,
  });
  rememberStartRequest(draft, requestId);
  if (signal) {
    const { signalName, input, identity, header } = signal;
    const attributes = { signalName, input, identity, header, requestId: signal.requestId };
    draft.buffer('WorkflowExecutionSignaled', attributes, { links: signal.links });
  }
  if (command.update) awaitWorker(draft, command.update);
  if (command.parentage) awaitParent(draft);
  if (command.parentage || backoffMs > 0) return accepted({ eagerTask: undefined });
  scheduleWorkflowTask(draft, { dispatch: !eager });
  if (!eager) return accepted({ eagerTask: undefined });
  const identity = request.identity ?? '';
  return accepted({ eagerTask: beginWorkflowTask(draft, { requestId, identity, sticky: false, eager }) });
}

/** The request with search attributes as the namespace knows them. */
function typedRequest(draft: Draft, { request }: Command): { request: Command['request'] } | { problem: string } {
  if (!request.searchAttributes) return { request };
  const checked = checkedSearchAttributes(draft, request.searchAttributes);
  if (checked.problem !== undefined) return { problem: checked.problem };
  return { request: { ...request, searchAttributes: checked.searchAttributes } };
}

function tooLarge({ environment: { limits } }: Draft, { request, signal }: Command): Refusal | undefined {
  if (payloadsSizeBytes(request.input) > limits.blobSizeBytes) return blobTooLarge;
  if (signal && payloadsSizeBytes(signal.input) > limits.blobSizeBytes) return blobTooLarge;
  return memoSizeBytes(request.memo) > limits.memoSizeBytes ? memoTooLarge : undefined;
}

function firstBackoffMs(draft: Draft, { request }: Command): number {
  const cronSchedule = request.cronSchedule ?? '';
  if (cronSchedule === '') return fromDuration(request.workflowStartDelay);
  return cronBackoffMs(cronSchedule, { executionTimeMs: draft.now, nowMs: draft.now }) ?? 0;
}

/** Bounded by the limits and by each other: a task by its run, a run by the whole execution. */
function timeouts(draft: Draft, { request }: Command): Attributes<'WorkflowExecutionStarted'> {
  const { limits } = draft.environment;
  const executionMs = fromDuration(request.workflowExecutionTimeout);
  let runMs = fromDuration(request.workflowRunTimeout);
  if (executionMs > 0) runMs = runMs > 0 ? Math.min(runMs, executionMs) : executionMs;
  let taskMs = fromDuration(request.workflowTaskTimeout) || limits.workflowTaskTimeoutMs;
  taskMs = Math.min(taskMs, limits.workflowTaskTimeoutMaximumMs);
  if (runMs > 0) taskMs = Math.min(taskMs, runMs);
  return {
    workflowExecutionTimeout: request.workflowExecutionTimeout,
    workflowRunTimeout: runMs > 0 ? toDuration(runMs) : request.workflowRunTimeout,
    workflowTaskTimeout: toDuration(taskMs),
    workflowExecutionExpirationTime: executionMs > 0 ? toTimestamp(draft.now + executionMs) : undefined,
  };
}

function startedAttributes(
  draft: Draft,
  command: Command,
  { backoffMs, eager }: { readonly backoffMs: number; readonly eager: boolean },
): Attributes<'WorkflowExecutionStarted'> {
  const { request } = command;
  const { runId } = draft.info;
  return {
    ...timeouts(draft, command),
    workflowType: request.workflowType,
    taskQueue: { name: request.taskQueue?.name ?? '', kind: KIND_NORMAL },
    input: request.input,
    header: request.header,
    identity: request.identity,
    retryPolicy: request.retryPolicy,
    cronSchedule: request.cronSchedule,
    memo: withoutUnsetMemo(request.memo),
    searchAttributes: withoutUnsetSearchAttributes(request.searchAttributes),
    attempt: 1,
    firstWorkflowTaskBackoff: toDuration(backoffMs),
    firstExecutionRunId: runId,
    originalExecutionRunId: runId,
    initiator: request.cronSchedule ? INITIATOR_CRON : 0,
    continuedFailure: request.continuedFailure,
    lastCompletionResult: request.lastCompletionResult,
    workflowId: request.workflowId,
    completionCallbacks: request.completionCallbacks,
    versioningOverride: request.versioningOverride && storedOverride(request.versioningOverride),
    priority: request.priority,
    eagerExecutionAccepted: eager,
    timeSkippingConfig: request.timeSkippingConfig,
    ...parentAttributes(command.parentage),
  };
}

function parentAttributes(parentage: Command['parentage']): Attributes<'WorkflowExecutionStarted'> {
  if (!parentage) return {};
  const { namespaceId, namespace, workflowId, runId, initiatedEventId, root, timeSkipping } = parentage;
  const { inheritedPinnedVersion, inheritedAutoUpgradeInfo } = parentage;
  return {
    parentWorkflowNamespace: namespace,
    parentWorkflowNamespaceId: namespaceId,
    parentWorkflowExecution: { workflowId, runId },
    parentInitiatedEventId: initiatedEventId,
    rootWorkflowExecution: root,
    timeSkippingStatePropagation: timeSkipping,
    inheritedPinnedVersion,
    inheritedAutoUpgradeInfo,
  };
}
