import { invalidArgument } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requirePaths } from '../validation/field-mask.ts';
import { requirePriority } from '../validation/priority.ts';
import { requireTimeSkipping } from '../validation/time-skipping.ts';

const OPTIONS = 'temporal.api.workflow.v1.WorkflowExecutionOptions';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateWorkflowExecutionOptions */
export const updateWorkflowExecutionOptions =
  ({ history, limits }: FrontendServices): Handler<'UpdateWorkflowExecutionOptions'> =>
  async (request, call) => {
    if (!request.workflowExecution?.workflowId) throw invalidArgument('WorkflowId is not set on request.');
    if (!request.updateMask) throw invalidArgument('UpdateMask is required');
    const options = request.workflowExecutionOptions;
    if (!options) throw invalidArgument('WorkflowExecutionOptions is required');
    requirePaths(request.updateMask.paths, OPTIONS);
    requirePriority(options.priority, limits.fairnessKeyBytes);
    const timeSkippingConfig = requireTimeSkipping(options.timeSkippingConfig, limits.skipsPerSession);
    request.workflowExecutionOptions = { ...options, timeSkippingConfig };
    return history.updateWorkflowOptions({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
