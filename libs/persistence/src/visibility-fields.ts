import { assert, unreachable } from '@duramesh/runtime';
import {
  compareKeywords,
  type Field,
  type ListFilter,
  type SearchAttributeValue,
  type SystemField,
} from '@duramesh/visibility';
import type { CountGroup, CountResult, ListCursor, ListPage, VisibilityRow } from './api/visibility-store.ts';

/** temporal.api.enums.v1.WorkflowExecutionStatus: Running and Paused. */
export const openStatuses: ReadonlySet<unknown> = new Set([1, 8]);

/** Stores find open runs by their lack of a close time. */
export function checkVisibility(row: VisibilityRow): void {
  assert(
    openStatuses.has(row.status) === (row.closeTimeMs === undefined),
    `a list entry of status ${row.status} has a close time exactly when the run is closed`,
  );
}

/** What a filter sees of a row; undefined is SQL's null. What is only known at the end is null while the run is open. */
export function fieldOf(row: VisibilityRow, field: Field): SearchAttributeValue | undefined {
  return field.kind === 'attribute' ? row.searchAttributes.get(field.name) : systemField(row, field.name);
}

function systemField(row: VisibilityRow, name: SystemField): SearchAttributeValue | undefined {
  switch (name) {
    case 'WorkflowId':
      return { type: 'Keyword', value: row.workflowId };
    case 'RunId':
      return { type: 'Keyword', value: row.runId };
    case 'WorkflowType':
      return { type: 'Keyword', value: row.workflowType };
    case 'TaskQueue':
      return { type: 'Keyword', value: row.taskQueue };
    case 'ExecutionStatus':
      return { type: 'Int', value: row.status };
    case 'StartTime':
      return { type: 'Datetime', value: row.startTimeMs };
    case 'ExecutionTime':
      return { type: 'Datetime', value: row.executionTimeMs };
    case 'CloseTime':
      return row.closeTimeMs === undefined ? undefined : { type: 'Datetime', value: row.closeTimeMs };
    case 'ParentWorkflowId':
      return keywordOrNull(row.parentWorkflowId);
    case 'ParentRunId':
      return keywordOrNull(row.parentRunId);
    case 'RootWorkflowId':
      return keywordOrNull(row.rootWorkflowId);
    case 'RootRunId':
      return keywordOrNull(row.rootRunId);
    case 'ExecutionDuration':
    case 'HistoryLength':
    case 'HistorySizeBytes':
    case 'StateTransitionCount':
      return closedField(row, name);
    default:
      return unreachable(name);
  }
}

type ClosedField = 'ExecutionDuration' | 'HistoryLength' | 'HistorySizeBytes' | 'StateTransitionCount';

function closedField(row: VisibilityRow, name: ClosedField): SearchAttributeValue | undefined {
  if (row.closeTimeMs === undefined) return undefined;
  switch (name) {
    case 'ExecutionDuration':
      return { type: 'Int', value: row.closeTimeMs - row.executionTimeMs };
    case 'HistoryLength':
      return { type: 'Int', value: row.historyLength };
    case 'HistorySizeBytes':
      return { type: 'Int', value: row.historySizeBytes };
    case 'StateTransitionCount':
      return { type: 'Int', value: row.stateTransitionCount };
    default:
      return unreachable(name);
  }
}

const keywordOrNull = (value: string): SearchAttributeValue | undefined =>
  value === '' ? undefined : { type: 'Keyword', value };

export const cursorOf = (row: VisibilityRow): ListCursor => ({
  closeTimeMs: row.closeTimeMs,
  startTimeMs: row.startTimeMs,
  runId: row.runId,
});

/** Groups in the order of their values; a row without the field counts under the empty string. */
export function countGroups(counts: ReadonlyMap<string, number>): CountGroup[] {
  return [...counts].sort(([a], [b]) => compareKeywords(a, b)).map(([value, count]) => ({ value, count }));
}

/** What a count comes to where the database has counted each group; without grouping there is one. */
export function countResult(counts: ReadonlyMap<string, number>, { groupBy }: ListFilter): CountResult {
  let count = 0;
  for (const part of counts.values()) count += part;
  return { count, groups: groupBy ? countGroups(counts) : [] };
}

/** Rows in order, no more than fit: a full page may have another behind it. */
export function pageOf(rows: readonly VisibilityRow[], size: number): ListPage {
  const last = rows.at(-1);
  return { rows, next: last && rows.length === size ? cursorOf(last) : undefined };
}
