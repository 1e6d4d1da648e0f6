import { invalidArgument } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { requireDeployment } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/SetWorkerDeploymentManager */
export const setWorkerDeploymentManager =
  ({ history, limits }: FrontendServices): Handler<'SetWorkerDeploymentManager'> =>
  async (request, call) => {
    const name = requireDeployment(request.deploymentName);
    if (!request.identity) throw invalidArgument('Identity is required');
    requireLength('Identity', request.identity, limits.idBytes);
    requireLength('ManagerIdentity', request.managerIdentity, limits.idBytes);
    return history.setDeploymentManager({ namespace: namespaceRef(call.namespace), name, request }, call.options());
  };
