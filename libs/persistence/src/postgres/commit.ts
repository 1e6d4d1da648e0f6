import type { ExecutionWrite, HistoryBatch, Lease, RunWrite } from '../api/execution-store.ts';
import type { VisibilityRow } from '../api/visibility-store.ts';
import { checkVisibility } from '../visibility-fields.ts';
import { Blobs } from './values.ts';
import { type CommitPart, type CommitSets, commitShape } from './commit-statement.ts';
import type { Value } from './connect.ts';
import { type Columns, type RowOf, Rows, type RowSet } from './row-set.ts';
import { attributesOf, changingColumns, lastingColumns } from './visibility-writer.ts';
import { sets, type WriteStatement, writeStatements } from './write-statements.ts';
import type { FencedWrite, WriteOf } from './writes.ts';

/** A statement with all it takes, ready to be sent. */
export interface Batch {
  readonly statement: WriteStatement;
  readonly values: readonly Value[];
  readonly rows: number;
  readonly bytes: number;
}

type RowsOf<S> = { readonly [Name in keyof S]: S[Name] extends RowSet<infer C> ? Rows<C> : never };

interface Shape<S> {
  readonly statement: WriteStatement;
  readonly sets: S;
  /** Those the statement takes, in the order of their parameters; all of them when left out. */
  readonly used?: readonly (keyof S)[];
}

/** Writes of one kind on their way into one statement. */
class BatchBuilder<S extends Readonly<Record<string, RowSet<Columns>>>> {
  readonly rows: RowsOf<S>;
  readonly #statement: WriteStatement;
  readonly #all: readonly Rows<Columns>[];
  readonly #blobs = new Blobs();
  readonly #leases = new Rows(sets.leases, this.#blobs);
  readonly #writes = new Rows(sets.writes, this.#blobs);
  readonly #leaseNumbers = new Map<Lease, number>();

  constructor({ statement, sets: own, used = Object.keys(own) }: Shape<S>, held: readonly Lease[]) {
    this.#statement = statement;
    const rows = Object.entries(own).map(([name, set]) => [name, new Rows(set, this.#blobs)] as const);
    const byName = new Map(rows);
    this.#all = used.map((name) => byName.get(String(name))).filter((all) => all !== undefined);
    this.rows = Object.fromEntries(rows) as RowsOf<S>;
    this.#numberLeases(held);
  }

  /** @returns the number of the write, counted from 1 */
  add(lease: Lease): number {
    return this.#writes.add({ lease: this.#leaseNumbers.get(lease) ?? 0 });
  }

  build(): Batch {
    const all = [this.#leases, this.#writes, ...this.#all];
    return {
      statement: this.#statement,
      values: [this.#blobs.bytes(), ...all.flatMap((rows) => rows.parameters())],
      rows: this.#all.reduce((sum, rows) => sum + rows.count, 0),
      bytes: this.#blobs.byteLength,
    };
  }

  /** By kind and partition: so everybody locks them. */
  #numberLeases(held: readonly Lease[]): void {
    const sorted = [...new Set(held)].sort((a, b) => {
      return a.kind !== b.kind ? (a.kind < b.kind ? -1 : 1) : a.partition - b.partition || a.rangeId - b.rangeId;
    });
    let last: Lease | undefined;
    let number = 0;
    for (const lease of sorted) {
      const { kind, partition, rangeId } = lease;
      const isSame = last?.kind === kind && last.partition === partition && last.rangeId === rangeId;
      if (!isSame) number = this.#leases.add({ kind, partition, range_id: rangeId });
      this.#leaseNumbers.set(lease, number);
      last = lease;
    }
  }
}

function commitBatch(writes: readonly WriteOf<'commit'>[]): Batch {
  const batch = new BatchBuilder(commitShape(partsOf(writes)), writes.map(leaseOf));
  for (const { write } of writes) addExecutionWrite(batch, write);
  return batch.build();
}

function partsOf(writes: readonly WriteOf<'commit'>[]): ReadonlySet<CommitPart> {
  const has = new Set<CommitPart>();
  for (const { write } of writes) {
    if (write.current) has.add('pointers');
    for (const { deletes, upserts, visibility } of write.runs) {
      if (deletes.length > 0) has.add('deletes');
      if (upserts.length > 0) has.add('upserts');
      if (visibility) has.add('visibility');
    }
  }
  return has;
}

function addExecutionWrite(batch: BatchBuilder<CommitSets>, { lease, runs, current }: ExecutionWrite): void {
  const w = batch.add(lease);
  for (const run of runs) addRun(batch, w, { run, shard: lease.partition });
  if (current === undefined) return;
  const { namespaceId, workflowId, expectedRunId = null, runId } = current;
  batch.rows.pointers.add({
    w,
    namespace_id: namespaceId,
    workflow_id: workflowId,
    expected_run_id: expectedRunId,
    run_id: runId,
  });
}

function addRun(
  { rows }: BatchBuilder<CommitSets>,
  w: number,
  { run, shard }: { readonly run: RunWrite; readonly shard: number },
): void {
  const r = rows.runs.add({
    w,
    ...keyRow(run.key),
    expected: run.expectedVersion,
    shard,
    wake_at: run.wakeAtMs,
    outstanding: run.outstanding,
    info: run.info,
  });
  // All parts of a statement see the same rows: what is both deleted and written is only written.
  const isWritten = (kind: number, key: string): boolean =>
    run.upserts.some((item) => item.kind === kind && item.key === key);
  for (const { kind, key } of run.deletes) if (!isWritten(kind, key)) rows.deletes.add({ r, kind, key });
  for (const { kind, key, data } of run.upserts) rows.upserts.add({ r, kind, key, data });
  for (const part of run.history) rows.history.add({ r, ...historyRow(part) });
  if (run.visibility) rows.visibility.add({ r, ...visibilityRow(run.visibility) });
}

const keyRow = (key: { readonly namespaceId: string; readonly workflowId: string; readonly runId: string }) => ({
  namespace_id: key.namespaceId,
  workflow_id: key.workflowId,
  run_id: key.runId,
});

const historyRow = ({ firstEventId, lastEventId, data }: HistoryBatch) => ({
  first: firstEventId,
  last: lastEventId,
  data,
});

function visibilityRow(row: VisibilityRow): Omit<RowOf<CommitSets['visibility']['columns']>, 'r'> {
  checkVisibility(row);
  return {
    ...changingColumns(row),
    ...lastingColumns(row),
    attributes: attributesOf(row.searchAttributes),
    memo: row.memo,
    search_attributes: row.encodedSearchAttributes,
  };
}

function stageBatch(writes: readonly WriteOf<'stage'>[]): Batch {
  const batch = new BatchBuilder(writeStatements.stage, writes.map(leaseOf));
  for (const { lease, key, history } of writes) {
    const w = batch.add(lease);
    const r = batch.rows.runs.add({ w, ...keyRow(key), shard: lease.partition });
    for (const part of history) batch.rows.history.add({ r, ...historyRow(part) });
  }
  return batch.build();
}

function deleteBatch(writes: readonly WriteOf<'deleteRuns'>[]): Batch {
  const batch = new BatchBuilder(writeStatements.deleteRuns, writes.map(leaseOf));
  for (const { lease, key } of writes) batch.rows.runs.add({ w: batch.add(lease), ...keyRow(key) });
  return batch.build();
}

function appendBatch(writes: readonly WriteOf<'appendTasks'>[]): Batch {
  const batch = new BatchBuilder(writeStatements.appendTasks, writes.map(leaseOf));
  for (const { lease, queue, tasks } of writes) {
    const w = batch.add(lease);
    const seen = new Set<string>();
    for (const { taskId, level, pass, fairnessKey, dedupeKey, data, expiresMs } of tasks) {
      if (seen.has(dedupeKey)) continue;
      seen.add(dedupeKey);
      batch.rows.tasks.add({
        w,
        queue,
        task_id: taskId,
        level,
        pass,
        fairness_key: fairnessKey,
        dedupe_key: dedupeKey,
        expires_at: expiresMs,
        data,
      });
    }
  }
  return batch.build();
}

function removeBatch(writes: readonly WriteOf<'removeTasks'>[]): Batch {
  const batch = new BatchBuilder(writeStatements.removeTasks, writes.map(leaseOf));
  for (const { lease, queue, taskIds } of writes) {
    const w = batch.add(lease);
    for (const taskId of taskIds) batch.rows.tasks.add({ w, queue, task_id: taskId });
  }
  return batch.build();
}

function configureBatch(writes: readonly WriteOf<'configure'>[]): Batch {
  const batch = new BatchBuilder(writeStatements.configure, writes.map(leaseOf));
  for (const { lease, queue, config } of writes) {
    batch.rows.configs.add({ w: batch.add(lease), queue, data: config });
  }
  return batch.build();
}

const leaseOf = (write: FencedWrite): Lease => (write.kind === 'commit' ? write.write.lease : write.lease);

const only = <K extends FencedWrite['kind']>(writes: readonly FencedWrite[], kind: K): WriteOf<K>[] =>
  writes.filter((write): write is WriteOf<K> => write.kind === kind);

/** One statement for writes that are all of this kind. */
export const batchOf: Readonly<Record<FencedWrite['kind'], (writes: readonly FencedWrite[]) => Batch>> = {
  commit: (writes) => commitBatch(only(writes, 'commit')),
  stage: (writes) => stageBatch(only(writes, 'stage')),
  deleteRuns: (writes) => deleteBatch(only(writes, 'deleteRuns')),
  appendTasks: (writes) => appendBatch(only(writes, 'appendTasks')),
  removeTasks: (writes) => removeBatch(only(writes, 'removeTasks')),
  configure: (writes) => configureBatch(only(writes, 'configure')),
};
