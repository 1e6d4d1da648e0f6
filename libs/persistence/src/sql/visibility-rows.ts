import { OPEN_RUN_CLOSE_TIME_MS, type SearchAttributeValue, textTokens } from '@duramesh/visibility';
import type { VisibilityRow } from '../api/visibility-store.ts';

/** What lists read of the row `v`, in the order of `ListRow`. */
export const LIST_COLUMNS = `v.workflow_id, v.run_id, v.workflow_type, v.task_queue, v.status, v.start_key, v.execution_time,
  v.close_key, v.history_length, v.history_size_bytes, v.state_transition_count,
  v.parent_workflow_id, v.parent_run_id, v.root_workflow_id, v.root_run_id, v.memo, v.search_attributes`;

export type ListRow = [
  workflowId: string,
  runId: string,
  workflowType: string,
  taskQueue: string,
  status: number,
  startKey: number,
  executionTimeMs: number,
  closeKey: number,
  historyLength: number,
  historySizeBytes: number,
  stateTransitionCount: number,
  parentWorkflowId: string | null,
  parentRunId: string | null,
  rootWorkflowId: string | null,
  rootRunId: string | null,
  memo: Uint8Array | null,
  searchAttributes: Uint8Array | null,
];

const noAttributes: ReadonlyMap<string, SearchAttributeValue> = new Map();

export function visibilityRowOf(namespaceId: string, row: ListRow): VisibilityRow {
  return {
    namespaceId,
    workflowId: row[0],
    runId: row[1],
    workflowType: row[2],
    taskQueue: row[3],
    status: row[4],
    startTimeMs: 0 - row[5],
    executionTimeMs: row[6],
    closeTimeMs: row[7] === -OPEN_RUN_CLOSE_TIME_MS ? undefined : 0 - row[7],
    historyLength: row[8],
    historySizeBytes: row[9],
    stateTransitionCount: row[10],
    parentWorkflowId: row[11] ?? '',
    parentRunId: row[12] ?? '',
    rootWorkflowId: row[13] ?? '',
    rootRunId: row[14] ?? '',
    memo: row[15] ?? undefined,
    searchAttributes: noAttributes,
    encodedSearchAttributes: row[16] ?? undefined,
  };
}

/** Lists are stored element by element and texts word by word, each once. */
export function storedValues(attribute: SearchAttributeValue): readonly (string | number)[] {
  switch (attribute.type) {
    case 'KeywordList':
      return [...new Set(attribute.value)];
    case 'Text':
      return [...new Set(textTokens(attribute.value))];
    case 'Bool':
      return [attribute.value ? 1 : 0];
    default:
      return [attribute.value];
  }
}

/** What a transition may change of a list entry, in the order in which it is written. */
export const CHANGING_COLUMNS = [
  'close_key',
  'status',
  'history_length',
  'history_size_bytes',
  'state_transition_count',
  'has_attributes',
  'memo',
  'search_attributes',
  'execution_time',
  'task_queue',
];
/** What stays as a run began. */
export const LASTING_COLUMNS = [
  'namespace_id',
  'start_key',
  'run_id',
  'workflow_id',
  'workflow_type',
  'parent_workflow_id',
  'parent_run_id',
  'root_workflow_id',
  'root_run_id',
];
