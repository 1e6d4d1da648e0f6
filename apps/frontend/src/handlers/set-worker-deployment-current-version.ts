import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireDeployment, targetBuildId } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/SetWorkerDeploymentCurrentVersion */
export const setWorkerDeploymentCurrentVersion =
  ({ history }: FrontendServices): Handler<'SetWorkerDeploymentCurrentVersion'> =>
  async (asked, call) => {
    const name = requireDeployment(asked.deploymentName);
    const request = { ...asked, buildId: targetBuildId(name, asked) };
    return history.setCurrentVersion({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
