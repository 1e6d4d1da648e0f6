import { requireJitter, requireOneActivity } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ResetActivityExecution */
export const resetActivityExecution =
  (services: FrontendServices): Handler<'ResetActivityExecution'> =>
  async (request, call) => {
    const one = requireOneActivity(request, services);
    const { resetHeartbeat, keepPaused, restoreOriginalOptions, jitter } = request;
    requireJitter(jitter);
    const namespace = namespaceRef(call.namespace);
    await services.history.resetActivity(
      { namespace, request: { ...one, resetHeartbeat, keepPaused, restoreOriginalOptions, jitter } },
      call.options(),
    );
    return {};
  };
