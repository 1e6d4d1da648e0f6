import { requireActivities } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UnpauseActivity */
export const unpauseActivity =
  ({ history }: FrontendServices): Handler<'UnpauseActivity'> =>
  async (request, call) => {
    requireActivities(request, request.unpauseAll);
    await history.unpauseActivity({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
