import type { StartChildWorkflowRequest } from '@duramesh/proto';
import { type Handler, namespaceOf } from './handler.ts';
import { start, type Starting } from './start-workflow.ts';

/** Begins a child, once per request; no worker is asked for it until its parent has recorded the start. */
export const startChildWorkflow: Handler<'startChildWorkflow'> = (parts) => async (call) => {
  const { request = {} } = call;
  const starting = { namespace: namespaceOf(call), request, kind: 'start', parentage: parentageOf(call) } as const;
  const { runId, firstExecutionRunId, started, status } = await start(parts, starting);
  return { runId, firstExecutionRunId, started, status };
};

function parentageOf(call: StartChildWorkflowRequest): Starting['parentage'] {
  const { id: namespaceId, name: namespace } = namespaceOf(call);
  const { workflowId = '', runId = '', initiatedEventId = 0 } = call.parent ?? {};
  const root = { workflowId: call.root?.workflowId ?? '', runId: call.root?.runId ?? '' };
  const { timeSkipping, inheritedPinnedVersion, inheritedAutoUpgradeInfo } = call;
  const inherited = { timeSkipping, inheritedPinnedVersion, inheritedAutoUpgradeInfo };
  return { namespaceId, namespace, workflowId, runId, initiatedEventId, root, ...inherited };
}
