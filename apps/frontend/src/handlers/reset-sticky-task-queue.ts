import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ResetStickyTaskQueue */
export const resetStickyTaskQueue =
  ({ history }: FrontendServices): Handler<'ResetStickyTaskQueue'> =>
  async (request, call) => {
    requireExecution(request.execution);
    await history.resetSticky({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
