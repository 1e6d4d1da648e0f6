import { requireActivities, requireOneWay } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requirePriority } from '../validation/priority.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateActivityOptions */
export const updateActivityOptions =
  ({ history, limits }: FrontendServices): Handler<'UpdateActivityOptions'> =>
  async (request, call) => {
    requireActivities(request, request.matchAll);
    requirePriority(request.activityOptions?.priority, limits.fairnessKeyBytes);
    requireOneWay(request);
    return history.updateActivityOptions({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
