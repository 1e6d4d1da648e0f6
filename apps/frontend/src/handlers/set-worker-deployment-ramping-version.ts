import { invalidArgument } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireDeployment, targetBuildId } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/SetWorkerDeploymentRampingVersion */
export const setWorkerDeploymentRampingVersion =
  ({ history }: FrontendServices): Handler<'SetWorkerDeploymentRampingVersion'> =>
  async (asked, call) => {
    const name = requireDeployment(asked.deploymentName);
    const { percentage = 0 } = asked;
    if (!(percentage >= 0 && percentage <= 100)) {
      throw invalidArgument('Percentage must be between 0 and 100 (inclusive)');
    }
    const request = { ...asked, buildId: targetBuildId(name, asked) };
    return history.setRampingVersion({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
