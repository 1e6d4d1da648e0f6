import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';
import { pageSize } from '../validation/page-size.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetWorkflowExecutionHistoryReverse */
export const getWorkflowExecutionHistoryReverse =
  ({ history, limits }: FrontendServices): Handler<'GetWorkflowExecutionHistoryReverse'> =>
  async (request, call) => {
    requireExecution(request.execution);
    request.maximumPageSize = pageSize(request.maximumPageSize, limits.historyPageSize);
    const { response } = await history.getHistoryReverse(
      { namespace: namespaceRef(call.namespace), request },
      call.options(),
    );
    return response;
  };
