import { OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { VisibilityRow } from '../api/visibility-store.ts';
import { storedType } from '../sql/visibility-filter.ts';
import { storedValues } from '../sql/visibility-rows.ts';
import { storable } from './values.ts';

export const changingColumns = (row: VisibilityRow) => ({
  close_key: -(row.closeTimeMs ?? OPEN_RUN_CLOSE_TIME_MS),
  execution_time: row.executionTimeMs,
  history_length: row.historyLength,
  history_size_bytes: row.historySizeBytes,
  state_transition_count: row.stateTransitionCount,
  status: row.status,
  task_queue: row.taskQueue,
});

export const lastingColumns = (row: VisibilityRow) => ({
  start_key: -row.startTimeMs,
  namespace_id: row.namespaceId,
  run_id: row.runId,
  workflow_id: row.workflowId,
  workflow_type: row.workflowType,
  parent_workflow_id: row.parentWorkflowId || null,
  parent_run_id: row.parentRunId || null,
  root_workflow_id: row.rootWorkflowId || null,
  root_run_id: row.rootRunId || null,
});

/** `{"Region": {"keyword": "eu"}, "Tags": {"list": ["a", "b"]}}` as JSON: a filter of another type does not see a value. */
export function attributesOf(attributes: VisibilityRow['searchAttributes']): string | null {
  if (attributes.size === 0) return null;
  const entries = [...attributes].map(([name, attribute]) => {
    const type = storedType(attribute.type);
    const values = storedValues(attribute).map((value) => (typeof value === 'string' ? storable(value) : value));
    return [name, { [type]: type === 'list' || type === 'text' ? values : values[0] }] as const;
  });
  return JSON.stringify(Object.fromEntries(entries));
}
