import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord, Plain, temporal } from '@duramesh/proto';
import type { Condition, ListFilter, SystemField } from '@duramesh/visibility';
import { timestampMs } from '../validation/durations.ts';
import { requireFilter } from './list-runs.ts';

/** What ListOpen and ListClosed filter by. */
interface LegacyFilter {
  readonly startTimeFilter?: Plain<temporal.api.filter.v1.IStartTimeFilter> | undefined;
  readonly executionFilter?: Plain<temporal.api.filter.v1.IWorkflowExecutionFilter> | undefined;
  readonly typeFilter?: Plain<temporal.api.filter.v1.IWorkflowTypeFilter> | undefined;
}

const equals = (name: SystemField, value: string): Condition => ({
  kind: 'compare',
  field: { kind: 'system', name, type: 'Keyword' },
  operator: '=',
  value,
});

function inTime(name: 'StartTime' | 'CloseTime', filter: LegacyFilter['startTimeFilter'], nowMs: number): Condition[] {
  if (!filter) return [];
  const low = filter.earliestTime ? timestampMs(filter.earliestTime) : 0;
  const high = filter.latestTime ? timestampMs(filter.latestTime) : nowMs;
  if (low > high) throw invalidArgument('EarliestTime in StartTimeFilter should not be larger than LatestTime.');
  return [{ kind: 'between', field: { kind: 'system', name, type: 'Datetime' }, negated: false, low, high }];
}

/** The filter of a list that has a query for the status and older filters for the rest. */
export function legacyFilter(
  request: LegacyFilter,
  namespace: NamespaceRecord,
  on: { readonly query: string; readonly time: 'StartTime' | 'CloseTime'; readonly nowMs: number },
): ListFilter {
  const { executionFilter, typeFilter } = request;
  const terms = inTime(on.time, request.startTimeFilter, on.nowMs);
  if (executionFilter?.workflowId) terms.push(equals('WorkflowId', executionFilter.workflowId));
  if (executionFilter?.runId) terms.push(equals('RunId', executionFilter.runId));
  if (typeFilter?.name) terms.push(equals('WorkflowType', typeFilter.name));
  const { where } = requireFilter(on.query, namespace, false);
  if (where) terms.push(where);
  return { where: { kind: 'and', terms }, groupBy: undefined };
}
