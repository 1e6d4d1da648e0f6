import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireDeploymentName } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DeleteWorkerDeployment */
export const deleteWorkerDeployment =
  ({ history }: FrontendServices): Handler<'DeleteWorkerDeployment'> =>
  async (request, call) => {
    const name = requireDeploymentName(request.deploymentName);
    return history.deleteDeployment({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
