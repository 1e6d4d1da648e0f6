import { errorDetail, GrpcCode, invalidArgument, ServiceError, unavailable, unimplemented } from '@duramesh/contracts';
import { NamespaceRecord } from '@duramesh/proto';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireRetention } from '../validation/retention.ts';
import { CLUSTER_NAME } from '../version.ts';

const REGISTERED = 1;
const ARCHIVAL_ENABLED = 2;

const alreadyExists = (name: string): ServiceError =>
  new ServiceError(GrpcCode.ALREADY_EXISTS, `Namespace "${name}" already exists`, [
    errorDetail('NamespaceAlreadyExistsFailure', {}),
  ]);

function requireCluster(name: string | undefined): void {
  if (name && name !== CLUSTER_NAME) throw invalidArgument(`Invalid cluster name: ${name}`);
}

function requireSupported(request: RpcRequest<'RegisterNamespace'>): void {
  requireCluster(request.activeClusterName);
  for (const { clusterName } of request.clusters ?? []) requireCluster(clusterName);
  const { historyArchivalState, visibilityArchivalState } = request;
  if (historyArchivalState === ARCHIVAL_ENABLED || visibilityArchivalState === ARCHIVAL_ENABLED) {
    throw unimplemented('archival is not supported');
  }
}

/** temporal.api.workflowservice.v1.WorkflowService/RegisterNamespace */
export const registerNamespace =
  ({ store, namespaces, limits, clock, ids }: FrontendServices): Handler<'RegisterNamespace'> =>
  async (request) => {
    const { namespace: name } = request;
    if (!name) throw invalidArgument('Namespace not set on request.');
    if (request.isGlobalNamespace) throw invalidArgument('Cannot register global namespace when not enabled');
    const retentionMs = requireRetention(request.workflowExecutionRetentionPeriod, limits.minRetentionMs);
    if (await store.namespaces.readByName(name)) throw alreadyExists(name);
    requireSupported(request);
    const record = NamespaceRecord.create({
      id: ids.uuid(),
      name,
      state: REGISTERED,
      description: request.description ?? '',
      ownerEmail: request.ownerEmail ?? '',
      data: request.data ?? {},
      retentionMs,
      version: 1,
      createdMs: clock.now(),
    });
    const result = await store.namespaces.create(record);
    if (result === 'conflict') throw alreadyExists(name);
    if (result === 'unknown') throw unavailable(`namespace ${name} could not be created, please retry`);
    namespaces.put(record);
    return {};
  };
