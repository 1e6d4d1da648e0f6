import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireDeploymentName } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DescribeWorkerDeployment */
export const describeWorkerDeployment =
  ({ history }: FrontendServices): Handler<'DescribeWorkerDeployment'> =>
  async (request, call) => {
    const name = requireDeploymentName(request.deploymentName);
    return history.describeDeployment({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
