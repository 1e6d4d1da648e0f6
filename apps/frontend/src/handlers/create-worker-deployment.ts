import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { requireDeployment } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/CreateWorkerDeployment */
export const createWorkerDeployment =
  ({ history, limits }: FrontendServices): Handler<'CreateWorkerDeployment'> =>
  async (request, call) => {
    const name = requireDeployment(request.deploymentName);
    requireLength('RequestId', request.requestId, limits.idBytes);
    return history.createWorkerDeployment({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
