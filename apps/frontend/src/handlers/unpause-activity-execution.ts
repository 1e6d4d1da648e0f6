import { requireJitter, requireOneActivity } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UnpauseActivityExecution */
export const unpauseActivityExecution =
  (services: FrontendServices): Handler<'UnpauseActivityExecution'> =>
  async (request, call) => {
    const one = requireOneActivity(request, services);
    requireJitter(request.jitter);
    const namespace = namespaceRef(call.namespace);
    await services.history.unpauseActivity({ namespace, request: { ...one, jitter: request.jitter } }, call.options());
    return {};
  };
