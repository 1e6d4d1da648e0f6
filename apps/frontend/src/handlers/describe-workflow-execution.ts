import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DescribeWorkflowExecution */
export const describeWorkflowExecution =
  ({ history }: FrontendServices): Handler<'DescribeWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.execution);
    const { response } = await history.describeWorkflow(
      { namespace: namespaceRef(call.namespace), request },
      call.options(),
    );
    return response;
  };
