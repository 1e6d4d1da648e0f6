import { invalidArgument } from '@duramesh/contracts';
import type { FrontendLimits } from '../limits.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireMaximumLength } from '../validation/ids.ts';
import { requireBlobSize } from '../validation/payload-size.ts';
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
function prepare(request: RpcRequest<'SignalWithStartWorkflowExecution'>, { idBytes }: FrontendLimits): void {
  if (request.workflowIdConflictPolicy === ConflictPolicy.FAIL) {
    throw invalidArgument(
      'Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.',
    );
  }
  fillIdPolicies(request, ConflictPolicy.USE_EXISTING);
  if (!request.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  requireMaximumLength('WorkflowId', request.workflowId, idBytes);
  if (!request.signalName) throw invalidArgument('signal not set');
  requireMaximumLength('signal name', request.signalName, idBytes);
  if (!request.workflowType?.name) throw invalidArgument('workflow type not set');
  requireMaximumLength('workflow type name', request.workflowType.name, idBytes);
  request.taskQueue = requireUserTaskQueue(request.taskQueue, idBytes);
  requireMaximumLength('Request ID', request.requestId, idBytes);
  requireTimeouts(request);
  request.retryPolicy = requireRetryPolicy(request.retryPolicy);
  requireCronAndDelay(request);
  requireIdPolicies(request);
}

/** temporal.api.workflowservice.v1.WorkflowService/SignalWithStartWorkflowExecution */
export const signalWithStartWorkflowExecution =
  ({ history, ids, limits }: FrontendServices): Handler<'SignalWithStartWorkflowExecution'> =>
  async (request, call) => {
    prepare(request, limits);
    requireProperties(request, call.namespace, limits);
    requireBlobSize(request.signalInput, limits.blobBytes);
    request.requestId ||= ids.uuid();
    return history.signalWithStartWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
