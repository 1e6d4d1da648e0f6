import { requireOneActivity } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/PauseActivityExecution */
export const pauseActivityExecution =
  (services: FrontendServices): Handler<'PauseActivityExecution'> =>
  async (request, call) => {
    const one = requireOneActivity(request, services);
    const namespace = namespaceRef(call.namespace);
    await services.history.pauseActivity({ namespace, request: { ...one, reason: request.reason } }, call.options());
    return {};
  };
