import { GrpcCode } from '@duramesh/contracts';
import { attributesOf, type HistoryEvent, inheritedOverride, mergePriority } from '@duramesh/engine';
import { type ChildInfo, RunState, StartChildWorkflowRequest } from '@duramesh/proto';
import { derivedUuid } from '@duramesh/runtime';
import type { CachedRun } from '../shard/run-cache.ts';
import { readInitiatedEvent } from '../read/history-reader.ts';
import { type Action, answered, namespaceOfRun, unlessGone } from './action.ts';

const FAIL = 1;
/** @see temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause */
const WORKFLOW_ALREADY_EXISTS = 1;

/**
 * Begins a child. A run that closed meanwhile starts none; if this one is begun nevertheless, it finds out by asking.
 * @see spec-history 6.5
 */
export const startChild: Action<'StartChild'> = async ({ deps, owner, history }, { key }, { initiatedEventId }) => {
  const parent = await owner.read(key);
  const child = parent.state.children.get(initiatedEventId);
  if (!child || child.runId !== '' || parent.state.info.state === RunState.RUN_STATE_COMPLETED) return;
  const event = await readInitiatedEvent(deps.store.executions, parent, child);
  const { header, control } = attributesOf('StartChildWorkflowExecutionInitiated', event);
  const call = history.startChildWorkflow(startRequest(parent, child, event));
  const started = await answered(call, [GrpcCode.ALREADY_EXISTS]);
  const recorded =
    started.kind === 'done'
      ? owner.execute(key, 'RecordChildStarted', { initiatedEventId, runId: started.value.runId ?? '', header })
      : owner.execute(key, 'RecordStartChildFailed', { initiatedEventId, cause: WORKFLOW_ALREADY_EXISTS, control });
  await unlessGone(recorded);
};

function startRequest(
  { state: { info } }: CachedRun,
  { initiatedEventId, originRunId }: ChildInfo,
  event: HistoryEvent,
): StartChildWorkflowRequest {
  const initiated = attributesOf('StartChildWorkflowExecutionInitiated', event);
  const { workflowId, runId } = info;
  return StartChildWorkflowRequest.create({
    namespace: namespaceOfRun(info),
    request: {
      namespace: info.namespace,
      workflowId: initiated.workflowId,
      workflowType: initiated.workflowType,
      taskQueue: initiated.taskQueue,
      input: initiated.input,
      header: initiated.header,
      workflowExecutionTimeout: initiated.workflowExecutionTimeout,
      workflowRunTimeout: initiated.workflowRunTimeout,
      workflowTaskTimeout: initiated.workflowTaskTimeout,
      requestId: derivedUuid(originRunId || runId, initiatedEventId),
      workflowIdReusePolicy: initiated.workflowIdReusePolicy,
      workflowIdConflictPolicy: FAIL,
      retryPolicy: initiated.retryPolicy,
      cronSchedule: initiated.cronSchedule,
      memo: initiated.memo,
      searchAttributes: initiated.searchAttributes,
      userMetadata: event.userMetadata,
      versioningOverride: initiated.versioningOverride ?? inheritedOverride(info, initiated.taskQueue?.name ?? ''),
      priority: mergePriority(info.priority, initiated.priority),
      timeSkippingConfig: initiated.timeSkippingConfig,
    },
    parent: { workflowId, runId, initiatedEventId, childWorkflowOnly: false, baseRunIds: [] },
    root:
      info.rootWorkflowId === '' ? { workflowId, runId } : { workflowId: info.rootWorkflowId, runId: info.rootRunId },
    timeSkipping: initiated.timeSkippingStatePropagation,
  });
}
