import type { NamespaceRecord } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { durationOfMs } from '../validation/durations.ts';
import { CLUSTER_NAME } from '../version.ts';

const ARCHIVAL_DISABLED = 1;

const timestampOfMs = durationOfMs;

function badBinariesOf({ badBinaries }: NamespaceRecord) {
  const entries = badBinaries.map(({ checksum, reason, operator, createdMs }) => [
    checksum,
    { reason, operator, createTime: timestampOfMs(createdMs) },
  ]);
  return { binaries: Object.fromEntries(entries) };
}

/** A namespace as DescribeNamespace, ListNamespaces and UpdateNamespace answer it. */
export function namespaceAnswer(record: NamespaceRecord, limits: FrontendLimits) {
  const { id, name, state, description, ownerEmail, data } = record;
  return {
    namespaceInfo: {
      id,
      name,
      state,
      description,
      ownerEmail,
      data,
      // Workers and the Web UI act on these at once: only what is built is told.
      capabilities: {
        eagerWorkflowStart: true,
        workflowPause: limits.workflowPause,
        pollerAutoscaling: true,
        workerPollCompleteOnShutdown: true,
      },
      limits: { blobSizeLimitError: limits.blobBytes, memoSizeLimitError: limits.memoBytes },
    },
    config: {
      workflowExecutionRetentionTtl: durationOfMs(record.retentionMs),
      badBinaries: badBinariesOf(record),
      historyArchivalState: ARCHIVAL_DISABLED,
      visibilityArchivalState: ARCHIVAL_DISABLED,
    },
    replicationConfig: { activeClusterName: CLUSTER_NAME, clusters: [{ clusterName: CLUSTER_NAME }] },
    isGlobalNamespace: false,
  };
}
