import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { requireBuildId, requireDeployment } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/CreateWorkerDeploymentVersion */
export const createWorkerDeploymentVersion =
  ({ history, limits }: FrontendServices): Handler<'CreateWorkerDeploymentVersion'> =>
  async (request, call) => {
    const name = requireDeployment(request.deploymentVersion?.deploymentName);
    requireBuildId(request.deploymentVersion?.buildId);
    requireLength('RequestId', request.requestId, limits.idBytes);
    const namespace = namespaceRef(call.namespace);
    return history.createWorkerDeploymentVersion({ namespace, name, request }, call.options());
  };
