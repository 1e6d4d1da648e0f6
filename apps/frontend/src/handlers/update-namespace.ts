import { invalidArgument, unimplemented } from '@duramesh/contracts';
import type { BadBinary, NamespaceRecord } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import type { FrontendLimits } from '../limits.ts';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import { namespaceAnswer } from '../namespaces/namespace-answer.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireRetention } from '../validation/retention.ts';
import { CLUSTER_NAME } from '../version.ts';

type Request = RpcRequest<'UpdateNamespace'>;

const DEPRECATED = 2;
const ARCHIVAL_ENABLED = 2;

function requireSupported({ config, replicationConfig, promoteNamespace }: Request): void {
  const { historyArchivalState, visibilityArchivalState, customSearchAttributeAliases: aliases } = config ?? {};
  if (historyArchivalState === ARCHIVAL_ENABLED || visibilityArchivalState === ARCHIVAL_ENABLED) {
    throw unimplemented('archival is not supported');
  }
  if (Object.keys(aliases ?? {}).length > 0) {
    throw unimplemented('search attributes have no aliases: add them with AddSearchAttributes');
  }
  const cluster = replicationConfig?.activeClusterName;
  if (promoteNamespace || (cluster && cluster !== CLUSTER_NAME)) {
    throw unimplemented('global namespaces are not supported');
  }
}

function stateOf(record: NamespaceRecord, { updateInfo }: Request): number {
  const state = updateInfo?.state || record.state;
  if (state === record.state || state === DEPRECATED) return state;
  throw invalidArgument('Invalid namespace state update.');
}

function badBinariesOf(record: NamespaceRecord, request: Request, options: Options): readonly BadBinary[] {
  const { deleteBadBinary: deleted } = request;
  const merged = new Map(record.badBinaries.map((binary) => [binary.checksum, binary]));
  for (const [checksum, { reason = '', operator = '' }] of Object.entries(
    request.config?.badBinaries?.binaries ?? {},
  )) {
    merged.set(checksum, { checksum, reason, operator, createdMs: options.clock.now() });
  }
  const { badBinaries: most } = options.limits;
  if (merged.size > most) throw invalidArgument(`Total resetBinaries cannot exceed the max limit: ${most}`);
  if (deleted && !merged.delete(deleted)) throw invalidArgument(`Bad binary checksum ${deleted} doesn't exists.`);
  return [...merged.values()];
}

interface Options {
  readonly limits: FrontendLimits;
  readonly clock: Clock;
}

const sameValue = (a: NamespaceRecord, b: NamespaceRecord): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The record itself when nothing changes. */
function changed(record: NamespaceRecord, request: Request, options: Options): NamespaceRecord {
  const { updateInfo, config } = request;
  const retention = config?.workflowExecutionRetentionTtl;
  const update: NamespaceRecord = {
    ...record,
    state: stateOf(record, request),
    description: updateInfo?.description || record.description,
    ownerEmail: updateInfo?.ownerEmail || record.ownerEmail,
    data: { ...record.data, ...updateInfo?.data },
    retentionMs: retention ? requireRetention(retention, options.limits.minRetentionMs) : record.retentionMs,
    badBinaries: badBinariesOf(record, request, options),
  };
  return sameValue(record, update) ? record : { ...update, configVersion: record.configVersion + 1 };
}

/** temporal.api.workflowservice.v1.WorkflowService/UpdateNamespace */
export const updateNamespace =
  (services: FrontendServices): Handler<'UpdateNamespace'> =>
  async (request) => {
    if (!request.namespace) throw invalidArgument('Namespace not set on request.');
    requireSupported(request);
    const record = await changeNamespace(services, request.namespace, (before) => changed(before, request, services));
    return namespaceAnswer(record, services.limits);
  };
