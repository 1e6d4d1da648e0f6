import { requireActivities } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ResetActivity */
export const resetActivity =
  ({ history }: FrontendServices): Handler<'ResetActivity'> =>
  async (request, call) => {
    requireActivities(request, request.matchAll);
    await history.resetActivity({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
