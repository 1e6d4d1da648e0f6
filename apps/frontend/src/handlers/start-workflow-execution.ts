import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireLength, requireMaximumLength } from '../validation/ids.ts';
import { requireRetryPolicy } from '../validation/retry-policy.ts';
import {
  ConflictPolicy,
  fillIdPolicies,
  requireCronAndDelay,
  requireIdPolicies,
  requireProperties,
  requireTimeouts,
} from '../validation/start-request.ts';
import { requireUserTaskQueue } from '../validation/task-queue.ts';

/** Refuses the first offence in the reference's order; fills in what is left to the server. */
function prepare(request: RpcRequest<'StartWorkflowExecution'>, limits: FrontendLimits): void {
  fillIdPolicies(request, ConflictPolicy.FAIL);
  if (!request.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  requireMaximumLength('WorkflowId', request.workflowId, limits.idBytes);
  request.retryPolicy = requireRetryPolicy(request.retryPolicy);
  requireCronAndDelay(request);
  if (!request.workflowType?.name) throw invalidArgument('WorkflowType is not set on request.');
  requireLength('WorkflowType', request.workflowType.name, limits.idBytes);
  request.taskQueue = requireUserTaskQueue(request.taskQueue, limits.idBytes);
  requireTimeouts(request);
  requireLength('RequestId', request.requestId, limits.idBytes);
  requireIdPolicies(request);
  const onConflict = request.onConflictOptions;
  if (onConflict?.attachCompletionCallbacks && !onConflict.attachRequestId) {
    throw invalidArgument('attaching request ID is required for attaching completion callbacks');
  }
}

/** Refuses what cannot be started, and gives the request an id, so that it can be sent again. */
export function prepareStart(
  request: RpcRequest<'StartWorkflowExecution'>,
  namespace: NamespaceRecord,
  { limits, ids }: Pick<FrontendServices, 'limits' | 'ids'>,
): void {
  prepare(request, limits);
  requireProperties(request, namespace, limits);
  request.requestId ||= ids.uuid();
}

/** temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution */
export const startWorkflowExecution =
  (services: FrontendServices): Handler<'StartWorkflowExecution'> =>
  async (request, call) => {
    prepareStart(request, call.namespace, services);
    return services.history.startWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
