import { requireActivities } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/PauseActivity */
export const pauseActivity =
  ({ history }: FrontendServices): Handler<'PauseActivity'> =>
  async (request, call) => {
    requireActivities(request);
    await history.pauseActivity({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
