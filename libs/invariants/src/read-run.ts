import type { ExecutionKey, HistoryBatch, RunRecord, Store, StoredRun, VisibilityRow } from '@duramesh/persistence';
import type { Condition, SystemField } from '@duramesh/visibility';

const BATCHES_AT_ONCE = 256;
/** So often a run is read again that is written meanwhile. */
const MAXIMUM_READS = 5;

/** All that is stored of one run, as it was at one moment. */
export interface StoredFacts {
  readonly record: RunRecord;
  readonly stored: StoredRun;
  readonly history: readonly HistoryBatch[];
  readonly currentRunId: string | undefined;
  /** What lists show under its ids. */
  readonly shown: readonly VisibilityRow[];
}

export type Reading =
  | { readonly kind: 'read'; readonly facts: StoredFacts }
  | { readonly kind: 'staged'; readonly record: RunRecord }
  /** It was deleted meanwhile. */
  | { readonly kind: 'gone' }
  /** It was written whenever it was read. */
  | { readonly kind: 'unsettled' };

/** Every write of a run raises its version: what was read between two looks at the same one belongs together. */
export async function readRun(store: Store, record: RunRecord): Promise<Reading> {
  let before = record;
  for (let read = 1; read <= MAXIMUM_READS; read++) {
    const { key } = before;
    const stored = await store.executions.readRun(key);
    const history = await readHistory(store, key);
    const currentRunId = await store.executions.readCurrentRunId(key.namespaceId, key.workflowId);
    const shown = await listed(store, key);
    const after = await store.inspection.run(key);
    if (after === undefined) return { kind: 'gone' };
    if (after.version === 0 && before.version === 0) return { kind: 'staged', record: after };
    if (stored && stored.version === before.version && stored.version === after.version) {
      return { kind: 'read', facts: { record: after, stored, history, currentRunId, shown } };
    }
    before = after;
  }
  return { kind: 'unsettled' };
}

async function readHistory(store: Store, key: ExecutionKey): Promise<readonly HistoryBatch[]> {
  const history: HistoryBatch[] = [];
  for (let fromEventId = 1; ;) {
    const range = { fromEventId, untilEventId: Number.MAX_SAFE_INTEGER, maxBatches: BATCHES_AT_ONCE };
    const batches = await store.executions.readHistory(key, range);
    history.push(...batches);
    const last = batches.at(-1);
    // Batches that overlap must not be read for ever.
    if (last === undefined || batches.length < BATCHES_AT_ONCE || last.lastEventId < fromEventId) return history;
    fromEventId = last.lastEventId + 1;
  }
}

/** Runs that a list of this filter shows; two of them are too many already. */
export async function listed(
  store: Store,
  key: ExecutionKey,
  terms: readonly Condition[] = [],
): Promise<readonly VisibilityRow[]> {
  const ids = [equals('WorkflowId', key.workflowId), equals('RunId', key.runId)];
  const where: Condition = { kind: 'and', terms: [...ids, ...terms] };
  const { rows } = await store.visibility.list(
    key.namespaceId,
    { where, groupBy: undefined },
    { size: 2, after: undefined },
  );
  return rows;
}

const equals = (name: SystemField, value: string): Condition => ({
  kind: 'compare',
  field: { kind: 'system', name, type: 'Keyword' },
  operator: '=',
  value,
});
