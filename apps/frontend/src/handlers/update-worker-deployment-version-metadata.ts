import { invalidArgument } from '@duramesh/contracts';
import { fieldsSizeBytes } from '@duramesh/engine';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireVersion } from '../validation/worker-deployments.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateWorkerDeploymentVersionMetadata */
export const updateWorkerDeploymentVersionMetadata =
  ({ history, limits }: FrontendServices): Handler<'UpdateWorkerDeploymentVersionMetadata'> =>
  async (asked, call) => {
    const deploymentVersion = requireVersion(asked);
    const { upsertEntries = {}, removeEntries = [] } = asked;
    if (Object.keys(upsertEntries).length === 0 && removeEntries.length === 0) {
      throw invalidArgument('At least one of remove_entries or upsert_entries must be provided');
    }
    if (fieldsSizeBytes(upsertEntries) > limits.blobBytes) throw invalidArgument('Blob data size exceeds limit.');
    const namespace = namespaceRef(call.namespace);
    const request = { ...asked, deploymentVersion };
    const name = deploymentVersion.deploymentName;
    return history.updateVersionMetadata({ namespace, name, request }, call.options());
  };
