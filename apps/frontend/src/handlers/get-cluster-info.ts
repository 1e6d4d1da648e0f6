import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { CLUSTER_NAME, SERVER_VERSION, SUPPORTED_CLIENTS } from '../version.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetClusterInfo */
export const getClusterInfo =
  ({ facts, store }: FrontendServices): Handler<'GetClusterInfo'> =>
  async () => ({
    supportedClients: SUPPORTED_CLIENTS,
    serverVersion: SERVER_VERSION,
    clusterId: facts.clusterId,
    versionInfo: {},
    clusterName: CLUSTER_NAME,
    historyShardCount: facts.historyShards,
    persistenceStore: store.name,
    visibilityStore: store.name,
    initialFailoverVersion: 1,
    failoverVersionIncrement: 10,
  });
