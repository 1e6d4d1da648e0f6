import { GrpcCode } from '@duramesh/contracts';
import {
  attributesOf,
  effectiveVersion,
  type HistoryEvent,
  inheritedOverride,
  inheritedVersion,
  mergePriority,
} from '@duramesh/engine';
import { type ChildInfo, RunState, StartChildWorkflowRequest } from '@duramesh/proto';
import { derivedUuid } from '@duramesh/runtime';
import type { CachedRun } from '../shard/run-cache.ts';
import { readInitiatedEvent } from '../read/history-reader.ts';
import { rootOf } from '../worker-deployments/deployment-queues.ts';
import { type Action, type ActionParts, answered, namespaceOfRun, unlessGone } from './action.ts';

const FAIL = 1;
const WORKFLOW = 1;
/** @see temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause */
const WORKFLOW_ALREADY_EXISTS = 1;

/**
 * Begins a child. A run that closed meanwhile starts none; if this one is begun nevertheless, it finds out by asking.
 * @see spec-history 6.5
 */
export const startChild: Action<'StartChild'> = async (parts, { key }, { initiatedEventId }) => {
  const { deps, owner, history } = parts;
  const parent = await owner.read(key);
  const child = parent.state.children.get(initiatedEventId);
  if (!child || child.runId !== '' || parent.state.info.state === RunState.RUN_STATE_COMPLETED) return;
  const event = await readInitiatedEvent(deps.store.executions, parent, child);
  const { header, control } = attributesOf('StartChildWorkflowExecutionInitiated', event);
  const call = history.startChildWorkflow(await startRequest(parts, { parent, child, event }));
  const started = await answered(call, [GrpcCode.ALREADY_EXISTS]);
  const recorded =
    started.kind === 'done'
      ? owner.execute(key, 'RecordChildStarted', { initiatedEventId, runId: started.value.runId ?? '', header })
      : owner.execute(key, 'RecordStartChildFailed', { initiatedEventId, cause: WORKFLOW_ALREADY_EXISTS, control });
  await unlessGone(recorded);
};

/** Whether the child is polled for by workers of the version that its parent is with. */
async function isPolled(
  { matching }: ActionParts,
  { key, state: { info } }: CachedRun,
  name: string,
): Promise<boolean> {
  const { version } = effectiveVersion(info);
  if (!version || name === info.taskQueue) return name === info.taskQueue;
  const queue = rootOf(key.namespaceId, { name, type: WORKFLOW });
  const { versioning } = await matching.followVersions({ queue, follower: undefined });
  const own = versioning?.deployments.find(({ deploymentName }) => deploymentName === version.deploymentName);
  return own?.buildIds.includes(version.buildId ?? '') ?? false;
}

async function startRequest(
  parts: ActionParts,
  { parent, child, event }: { readonly parent: CachedRun; readonly child: ChildInfo; readonly event: HistoryEvent },
): Promise<StartChildWorkflowRequest> {
  const { info } = parent.state;
  const { initiatedEventId, originRunId } = child;
  const initiated = attributesOf('StartChildWorkflowExecutionInitiated', event);
  const { workflowId, runId } = info;
  const polled = await isPolled(parts, parent, initiated.taskQueue?.name ?? '');
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
      versioningOverride: initiated.versioningOverride ?? inheritedOverride(info, polled),
      priority: mergePriority(info.priority, initiated.priority),
      timeSkippingConfig: initiated.timeSkippingConfig,
    },
    parent: { workflowId, runId, initiatedEventId, childWorkflowOnly: false, baseRunIds: [] },
    root:
      info.rootWorkflowId === '' ? { workflowId, runId } : { workflowId: info.rootWorkflowId, runId: info.rootRunId },
    timeSkipping: initiated.timeSkippingStatePropagation,
    ...inheritedVersion(info, { isPolled: polled }),
  });
}
