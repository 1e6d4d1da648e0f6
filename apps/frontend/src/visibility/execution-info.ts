import type { VisibilityRow } from '@duramesh/persistence';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { type CustomSearchAttributes, showSearchAttributes } from '@duramesh/visibility';
import { durationOfMs } from '../validation/durations.ts';

const memoCodec = publicCodec<Plain<temporal.api.common.v1.IMemo>>('temporal.api.common.v1.Memo');
const attributesCodec = publicCodec<Plain<temporal.api.common.v1.ISearchAttributes>>(
  'temporal.api.common.v1.SearchAttributes',
);

function searchAttributesOf({ encodedSearchAttributes }: VisibilityRow, custom: CustomSearchAttributes) {
  const fields = encodedSearchAttributes && attributesCodec.decode(encodedSearchAttributes).indexedFields;
  const indexedFields = showSearchAttributes(fields ?? {}, custom);
  return Object.keys(indexedFields).length > 0 ? { indexedFields } : undefined;
}

/** What is known only when a run is over. */
function closingOf(row: VisibilityRow) {
  const { closeTimeMs } = row;
  if (closeTimeMs === undefined) return undefined;
  return {
    closeTime: durationOfMs(closeTimeMs),
    executionDuration: durationOfMs(Math.max(closeTimeMs - row.executionTimeMs, 0)),
    historyLength: row.historyLength,
    historySizeBytes: row.historySizeBytes,
    stateTransitionCount: row.stateTransitionCount,
  };
}

/** A run as lists show it. */
export function executionInfo(row: VisibilityRow, custom: CustomSearchAttributes) {
  const { workflowId, runId, parentWorkflowId, parentRunId, rootWorkflowId, rootRunId } = row;
  return {
    execution: { workflowId, runId },
    type: { name: row.workflowType },
    startTime: durationOfMs(row.startTimeMs),
    executionTime: durationOfMs(row.executionTimeMs),
    status: row.status,
    memo: row.memo ? memoCodec.decode(row.memo) : {},
    searchAttributes: searchAttributesOf(row, custom),
    taskQueue: row.taskQueue,
    ...closingOf(row),
    ...(parentWorkflowId && { parentExecution: { workflowId: parentWorkflowId, runId: parentRunId } }),
    rootExecution: { workflowId: rootWorkflowId || workflowId, runId: rootRunId || runId },
  };
}
