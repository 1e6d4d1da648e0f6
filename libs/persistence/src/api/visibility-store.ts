import type { TimestampMs } from '@duramesh/runtime';
import type { ListFilter, SearchAttributeValue } from '@duramesh/visibility';

/** What lists and counts see of a run. Written in the transaction of the transition that changed it. */
export interface VisibilityRow {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** temporal.api.enums.v1.WorkflowExecutionStatus */
  readonly status: number;
  readonly startTimeMs: TimestampMs;
  readonly executionTimeMs: TimestampMs;
  /** undefined while the run is open, which is while its status is Running or Paused. */
  readonly closeTimeMs: TimestampMs | undefined;
  readonly historyLength: number;
  readonly historySizeBytes: number;
  readonly stateTransitionCount: number;
  readonly parentWorkflowId: string;
  readonly parentRunId: string;
  readonly rootWorkflowId: string;
  readonly rootRunId: string;
  /** Encoded temporal.api.common.v1.Memo. */
  readonly memo: Uint8Array | undefined;
  /** Typed values by attribute name, custom and predefined ones, for filters. Empty in what lists give back. */
  readonly searchAttributes: ReadonlyMap<string, SearchAttributeValue>;
  /** Encoded temporal.api.common.v1.SearchAttributes, as lists return them. */
  readonly encodedSearchAttributes: Uint8Array | undefined;
}

/** Where the next page goes on; opaque to callers. */
export interface ListCursor {
  readonly closeTimeMs: TimestampMs | undefined;
  readonly startTimeMs: TimestampMs;
  readonly runId: string;
}

export interface ListPage {
  readonly rows: readonly VisibilityRow[];
  /** Set when the page is full. */
  readonly next: ListCursor | undefined;
}

export interface CountGroup {
  /** ExecutionStatus: the number of the enum. A row without the field counts under the empty string. */
  readonly value: string;
  readonly count: number;
}

export interface CountResult {
  readonly count: number;
  /** Empty unless the filter groups. */
  readonly groups: readonly CountGroup[];
}

/**
 * Lists of runs. Order: open runs first, newest start first; then closed ones, latest close first; then by run id.
 * A list sees everything that was acknowledged before it was asked.
 */
export interface VisibilityStore {
  list(
    namespaceId: string,
    filter: ListFilter,
    page: { readonly size: number; readonly after: ListCursor | undefined },
  ): Promise<ListPage>;
  count(namespaceId: string, filter: ListFilter): Promise<CountResult>;
  /** Runs of the namespace that closed at or before the time, oldest first. */
  listClosedBefore(
    namespaceId: string,
    closeTimeMs: TimestampMs,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]>;
}
