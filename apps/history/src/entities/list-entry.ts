import type { EntityListing } from '@duramesh/engine';
import type { ExecutionKey, VisibilityRow } from '@duramesh/persistence';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';

const RUNNING = 1;
const NO_VALUES: VisibilityRow['searchAttributes'] = new Map();
const memoCodec = publicCodec<Plain<temporal.api.common.v1.IMemo>>('temporal.api.common.v1.Memo');

/** An entity in the lists of its own kind: what they show of it is its only memo. */
export const listEntry = (
  { namespaceId, workflowId, runId }: ExecutionKey,
  archetype: string,
  { startTimeMs, summary }: EntityListing,
): VisibilityRow => ({
  namespaceId,
  workflowId,
  runId,
  workflowType: archetype,
  taskQueue: '',
  status: RUNNING,
  startTimeMs,
  executionTimeMs: startTimeMs,
  closeTimeMs: undefined,
  historyLength: 0,
  historySizeBytes: 0,
  stateTransitionCount: 0,
  parentWorkflowId: '',
  parentRunId: '',
  rootWorkflowId: workflowId,
  rootRunId: runId,
  memo: memoCodec.encode({ fields: { summary: { data: summary } } }),
  searchAttributes: NO_VALUES,
  encodedSearchAttributes: undefined,
});
