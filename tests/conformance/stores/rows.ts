import assert from 'node:assert/strict';
import type { ExecutionKey, ExecutionWrite, Lease, RunWrite, Store, VisibilityRow } from '@duramesh/persistence';

export const NAMESPACE = 'a0b1c2d3-0000-4000-8000-000000000001';

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Drivers may answer with a Buffer; only the bytes count. */
export const plain = (data: Uint8Array | undefined): number[] | undefined => data && [...data];

export const keyOf = (workflowId: string, runId = `run-of-${workflowId}`, namespaceId = NAMESPACE): ExecutionKey => ({
  namespaceId,
  workflowId,
  runId,
});

/** A write of one run that changes nothing but its info, unless told otherwise. */
export const runWrite = (key: ExecutionKey, fields: Partial<RunWrite> = {}): RunWrite => ({
  key,
  expectedVersion: 0,
  info: bytes(1),
  upserts: [],
  deletes: [],
  history: [],
  wakeAtMs: 0,
  outstanding: false,
  visibility: undefined,
  ...fields,
});

export const write = (lease: Lease, ...runs: RunWrite[]): ExecutionWrite => ({ lease, runs, current: undefined });

export async function acquireShard(store: Store, partition = 1): Promise<Lease> {
  const [lease] = await store.leases.acquire('history', [partition], 'member-1');
  assert.ok(lease);
  return lease;
}

export async function commit(store: Store, lease: Lease, ...runs: RunWrite[]): Promise<void> {
  assert.equal(await store.executions.commit(write(lease, ...runs)), 'committed');
}

/** A list entry of an open run, unless told otherwise. */
export const visibilityRow = (key: ExecutionKey, fields: Partial<VisibilityRow> = {}): VisibilityRow => ({
  ...key,
  workflowType: 'Order',
  taskQueue: 'orders',
  status: fields.closeTimeMs === undefined ? 1 : 2,
  startTimeMs: 1000,
  executionTimeMs: 1000,
  closeTimeMs: undefined,
  historyLength: 3,
  historySizeBytes: 300,
  stateTransitionCount: 2,
  parentWorkflowId: '',
  parentRunId: '',
  rootWorkflowId: key.workflowId,
  rootRunId: key.runId,
  memo: undefined,
  searchAttributes: new Map(),
  encodedSearchAttributes: undefined,
  ...fields,
});

export async function addRow(store: Store, lease: Lease, row: VisibilityRow): Promise<void> {
  const { namespaceId, workflowId, runId } = row;
  await commit(store, lease, runWrite({ namespaceId, workflowId, runId }, { visibility: row }));
}
