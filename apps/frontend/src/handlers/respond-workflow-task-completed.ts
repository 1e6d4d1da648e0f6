import { WorkflowTaskToken } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import { requireKnownTargets } from '../namespaces/require-known-targets.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { requireToken } from '../validation/task-tokens.ts';
import { requireWorkerVersion } from '../validation/worker-version.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted */
export const respondWorkflowTaskCompleted =
  ({ history, limits, namespaces }: FrontendServices): Handler<'RespondWorkflowTaskCompleted'> =>
  async (request, call) => {
    const { workflowId } = requireToken(WorkflowTaskToken, request.taskToken);
    requireLength('Identity', request.identity, limits.idBytes);
    const { stickyAttributes, deploymentOptions, workerVersionStamp: version } = request;
    const taskQueue = stickyAttributes?.workerTaskQueue;
    requireWorkerVersion({ taskQueue, deploymentOptions, version }, limits.buildIdBytes);
    await requireKnownTargets(namespaces, request.commands ?? []);
    const { response } = await history.respondWorkflowTaskCompleted(
      { namespace: namespaceRef(call.namespace), workflowId, request },
      call.options(),
    );
    return response;
  };
