import { assert } from '@duramesh/runtime';
import type {
  CommitResult,
  CurrentRunWrite,
  DueRun,
  ExecutionKey,
  ExecutionStore,
  ExecutionWrite,
  HistoryBatch,
  HistoryRange,
  ItemRow,
  Lease,
  RunWrite,
  StagedHistory,
  StoredRun,
} from '../api/execution-store.ts';
import { compareKeywords } from '@duramesh/visibility';
import { checkVisibility } from '../visibility-fields.ts';
import { type MemoryDatabase, type RunRow, runName, workflowName } from './database.ts';
import type { Link } from './link.ts';

export class MemoryExecutionStore implements ExecutionStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  commit(write: ExecutionWrite): Promise<CommitResult> {
    return this.#link.write('commit', () => this.#apply(write));
  }

  stageHistory({ lease, key, history }: StagedHistory): Promise<CommitResult> {
    return this.#link.write('stageHistory', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      const name = runName(key);
      const row = this.#database.runs.get(name) ?? newRow(key);
      if (row.version > 0) return 'conflict';
      row.partition = lease.partition;
      const staged = new Set(row.history.map(({ firstEventId }) => firstEventId));
      for (const batch of history) if (!staged.has(batch.firstEventId)) appendBatch(row, batch);
      this.#database.runs.set(name, row);
      mark(this.#database.outstanding, { name, row, isMarked: true });
      return 'committed';
    });
  }

  readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined> {
    return this.#link.read('readCurrentRunId', () => this.#database.current.get(workflowName(namespaceId, workflowId)));
  }

  readRun(key: ExecutionKey): Promise<StoredRun | undefined> {
    return this.#link.read('readRun', () => {
      const row = this.#database.runs.get(runName(key));
      return row && row.version > 0
        ? { key: row.key, version: row.version, info: row.info, items: sortedItems(row) }
        : undefined;
    });
  }

  readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]> {
    return this.#link.read('readHistory', () => {
      const row = this.#database.runs.get(runName(key));
      const history = row && row.version > 0 ? row.history : [];
      const wanted = history.filter(
        (batch) => batch.lastEventId >= range.fromEventId && batch.firstEventId < range.untilEventId,
      );
      if (range.reverse === true) wanted.reverse();
      return wanted.slice(0, range.maxBatches);
    });
  }

  readOutstanding(shards: readonly number[], after: DueRun | undefined, limit: number): Promise<readonly DueRun[]> {
    return this.#link.read('readOutstanding', () => {
      const wanted = new Set(shards);
      const from = after && runName(after.key);
      const names = [...this.#database.outstanding]
        .filter(([name, row]) => wanted.has(row.partition) && (from === undefined || compareKeywords(name, from) > 0))
        .sort(([a], [b]) => compareKeywords(a, b));
      return names.slice(0, limit).map(([, row]) => dueRun(row));
    });
  }

  readDue(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    return this.#link.read('readDue', () => {
      const wanted = new Set(shards);
      const due = [...this.#database.waking].filter(([, row]) => row.wakeAtMs <= untilMs && wanted.has(row.partition));
      due.sort(([aName, a], [bName, b]) => a.wakeAtMs - b.wakeAtMs || compareKeywords(aName, bName));
      return due.slice(0, limit).map(([, row]) => dueRun(row));
    });
  }

  deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult> {
    return this.#link.write('deleteRun', () => {
      if (this.#database.isFenced(lease)) return 'fenced';
      const name = runName(key);
      const pointer = workflowName(key.namespaceId, key.workflowId);
      this.#database.runs.delete(name);
      this.#database.outstanding.delete(name);
      this.#database.waking.delete(name);
      if (this.#database.current.get(pointer) === key.runId) this.#database.current.delete(pointer);
      return 'committed';
    });
  }

  #apply(write: ExecutionWrite): CommitResult {
    if (this.#database.isFenced(write.lease)) return 'fenced';
    for (const run of write.runs) {
      if (run.visibility) checkVisibility(run.visibility);
      const version = this.#database.runs.get(runName(run.key))?.version ?? 0;
      if (version !== run.expectedVersion) return 'conflict';
    }
    if (write.current && this.#currentRunId(write.current) !== write.current.expectedRunId) return 'conflict';
    for (const run of write.runs) this.#applyRun(run, write.lease.partition);
    if (write.current) {
      this.#database.current.set(
        workflowName(write.current.namespaceId, write.current.workflowId),
        write.current.runId,
      );
      this.#link.noteRows(1, 0);
    }
    return 'committed';
  }

  #currentRunId(current: CurrentRunWrite): string | undefined {
    return this.#database.current.get(workflowName(current.namespaceId, current.workflowId));
  }

  #applyRun(run: RunWrite, partition: number): void {
    const name = runName(run.key);
    const row = this.#database.runs.get(name) ?? newRow(run.key);
    row.partition = partition;
    row.version = run.expectedVersion + 1;
    row.info = run.info;
    row.wakeAtMs = run.wakeAtMs;
    for (const item of run.deletes) row.items.delete(itemName(item));
    for (const item of run.upserts) row.items.set(itemName(item), { kind: item.kind, key: item.key, data: item.data });
    for (const batch of run.history) appendBatch(row, batch);
    if (run.visibility) {
      row.visibility = { ...run.visibility, searchAttributes: new Map(run.visibility.searchAttributes) };
    }
    this.#database.runs.set(name, row);
    mark(this.#database.outstanding, { name, row, isMarked: run.outstanding });
    mark(this.#database.waking, { name, row, isMarked: run.wakeAtMs > 0 });
    this.#link.noteRows(1 + run.deletes.length + run.upserts.length + run.history.length, bytesOf(run));
  }
}

function newRow(key: ExecutionKey): RunRow {
  return {
    key: { namespaceId: key.namespaceId, workflowId: key.workflowId, runId: key.runId },
    partition: 0,
    version: 0,
    info: new Uint8Array(),
    items: new Map(),
    history: [],
    wakeAtMs: 0,
    visibility: undefined,
  };
}

function appendBatch(row: RunRow, batch: HistoryBatch): void {
  const last = row.history.at(-1);
  assert(last === undefined || batch.firstEventId > last.lastEventId, 'history only grows at its end');
  row.history.push({ firstEventId: batch.firstEventId, lastEventId: batch.lastEventId, data: batch.data });
}

function mark(marked: Map<string, RunRow>, run: { name: string; row: RunRow; isMarked: boolean }): void {
  if (run.isMarked) marked.set(run.name, run.row);
  else marked.delete(run.name);
}

const itemName = (item: { readonly kind: number; readonly key: string }): string => `${item.kind}/${item.key}`;

const sortedItems = (row: RunRow): ItemRow[] =>
  [...row.items.values()].sort((a, b) => a.kind - b.kind || compareKeywords(a.key, b.key));

const dueRun = (row: RunRow): DueRun => ({ key: row.key, partition: row.partition, wakeAtMs: row.wakeAtMs });

function bytesOf(run: RunWrite): number {
  let bytes = run.info.byteLength + (run.visibility?.memo?.byteLength ?? 0);
  for (const item of run.upserts) bytes += item.data.byteLength;
  for (const batch of run.history) bytes += batch.data.byteLength;
  return bytes;
}
