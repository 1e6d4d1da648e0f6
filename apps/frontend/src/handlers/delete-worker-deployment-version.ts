import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireVersion } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DeleteWorkerDeploymentVersion */
export const deleteWorkerDeploymentVersion =
  ({ history }: FrontendServices): Handler<'DeleteWorkerDeploymentVersion'> =>
  async (asked, call) => {
    const deploymentVersion = requireVersion(asked);
    const namespace = namespaceRef(call.namespace);
    const request = { ...asked, deploymentVersion };
    const name = deploymentVersion.deploymentName;
    return history.deleteDeploymentVersion({ namespace, name, request }, call.options());
  };
