import { invalidArgument } from '@duramesh/contracts';
import type { FrontendLimits } from '../limits.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requirePaths } from '../validation/field-mask.ts';
import { requireExecution, requireLength } from '../validation/ids.ts';
import { requirePriority } from '../validation/priority.ts';
import { requireTimeSkipping } from '../validation/time-skipping.ts';

type Operations = RpcRequest<'ResetWorkflowExecution'>['postResetOperations'];

const OPTIONS = 'temporal.api.workflow.v1.WorkflowExecutionOptions';
/** temporal.api.enums.v1.ResetReapplyType */
const LAST_REAPPLY_TYPE = 3;

/** The operations as they are carried out on the new run. */
function requireOperations(operations: Operations, limits: FrontendLimits): Operations {
  return operations?.map(({ updateWorkflowOptions: update, signalWorkflow }) => {
    if (!update) {
      const kind = signalWorkflow ? '*workflow.PostResetOperation_SignalWorkflow_' : '<nil>';
      throw invalidArgument(`unsupported post reset operation: ${kind}`);
    }
    const options = update.workflowExecutionOptions ?? {};
    requirePaths(update.updateMask?.paths, OPTIONS, 'error applying update_options');
    requirePriority(options.priority, limits.fairnessKeyBytes);
    const timeSkippingConfig = requireTimeSkipping(options.timeSkippingConfig, limits.skipsPerSession);
    return { updateWorkflowOptions: { ...update, workflowExecutionOptions: { ...options, timeSkippingConfig } } };
  });
}

/** temporal.api.workflowservice.v1.WorkflowService/ResetWorkflowExecution */
export const resetWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'ResetWorkflowExecution'> =>
  async (request, call) => {
    if (!request.requestId) throw invalidArgument('RequestId is not set on request.');
    requireLength('RequestId', request.requestId, limits.idBytes);
    requireExecution(request.workflowExecution);
    const { resetReapplyType: type = 0 } = request;
    // The reference calls it its own fault, which makes clients try again for ever.
    if (type < 0 || type > LAST_REAPPLY_TYPE) throw invalidArgument(`unknown reset reapply type: ${type}`);
    request.postResetOperations = requireOperations(request.postResetOperations, limits);
    return history.resetWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
