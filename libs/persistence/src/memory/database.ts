import type { NamespaceRecord } from '@duramesh/proto';
import type { ExecutionKey, HistoryBatch, ItemRow, Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, Member } from '../api/lease-store.ts';
import type { ClusterFacts } from '../api/namespace-store.ts';
import type { BacklogTask } from '../api/task-queue-store.ts';
import type { VisibilityRow } from '../api/visibility-store.ts';

export interface RunRow {
  readonly key: ExecutionKey;
  partition: number;
  version: number;
  info: Uint8Array;
  readonly items: Map<string, ItemRow>;
  readonly history: HistoryBatch[];
  wakeAtMs: number;
  visibility: VisibilityRow | undefined;
}

export interface Backlog {
  readonly byId: Map<number, BacklogTask>;
  readonly dedupeKeys: Set<string>;
}

/** What is stored. Several store handles may share one, as several processes share a database. */
export class MemoryDatabase {
  readonly runs = new Map<string, RunRow>();
  readonly current = new Map<string, string>();
  /** Names of runs with outstanding work or a time to wake at, so that polling costs nothing while all sleep. */
  readonly outstanding = new Map<string, RunRow>();
  readonly waking = new Map<string, RunRow>();
  readonly backlogs = new Map<string, Backlog>();
  readonly queueConfigs = new Map<string, Uint8Array>();
  readonly rangeIds = new Map<string, number>();
  readonly holders = new Map<string, LeaseHolder>();
  readonly members = new Map<string, { readonly member: Member; readonly expiresMs: number }>();
  readonly namespaces = new Map<string, NamespaceRecord>();
  cluster: ClusterFacts | undefined;

  isFenced(lease: Lease): boolean {
    return this.rangeIds.get(leaseName(lease.kind, lease.partition)) !== lease.rangeId;
  }
}

/** NUL sorts before every other character: names made this way sort as their parts do. */
export const workflowName = (namespaceId: string, workflowId: string): string => `${namespaceId}\0${workflowId}`;
export const runName = (key: ExecutionKey): string => `${key.namespaceId}\0${key.workflowId}\0${key.runId}`;
export const leaseName = (kind: LeaseKind, partition: number): string => `${kind}/${partition}`;
