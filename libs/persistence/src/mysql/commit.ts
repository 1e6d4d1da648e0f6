import { assert } from '@duramesh/runtime';
import { compareKeywords } from '@duramesh/visibility';
import type {
  CurrentRunWrite,
  ExecutionKey,
  ExecutionWrite,
  HistoryBatch,
  RunWrite,
  StagedHistory,
} from '../api/execution-store.ts';
import type { VisibilityRow } from '../api/visibility-store.ts';
import { checkVisibility } from '../visibility-fields.ts';
import { textIn } from './literals.ts';
import type { Questions } from './questions.ts';
import * as tables from './statements.ts';
import { bytesOfEntry, deleteEntries, writeEntries } from './visibility-writer.ts';

/** A run as the locks found it; 0 and false where there is none. */
interface Stored {
  readonly id: number;
  readonly version: number;
  readonly isOutstanding: boolean;
  readonly hasAttributes: boolean;
}

const NONE: Stored = { id: 0, version: 0, isOutstanding: false, hasAttributes: false };

interface ItemChange {
  readonly kind: number;
  readonly key: string;
  /** undefined: the item goes. */
  readonly data: Uint8Array | undefined;
}

/** A run as the writes of the group have left it so far. */
interface Run {
  readonly key: ExecutionKey;
  stored: Stored;
  version: number;
  shard: number;
  isOutstanding: boolean;
  wakeAtMs: number;
  /** undefined while no write has touched the run. */
  info: Uint8Array | undefined;
  readonly items: Map<string, ItemChange>;
  readonly history: HistoryBatch[];
  readonly staged: HistoryBatch[];
  visibility: VisibilityRow | undefined;
}

/** A run that has to be written, with the id it has or is to get. */
interface ChangedRun extends Run {
  readonly id: number;
  readonly info: Uint8Array;
}

/** Where a workflow id points to: before the group, and after its writes so far. */
interface Pointer {
  readonly namespaceId: string;
  readonly workflowId: string;
  stored: string | undefined;
  runId: string | undefined;
}

export interface Touched {
  readonly keys: readonly ExecutionKey[];
  readonly pointers: readonly Pick<CurrentRunWrite, 'namespaceId' | 'workflowId'>[];
}

/** What a group of writes does to runs: decided one write after the other in memory, then written table by table. */
export class RunChanges {
  readonly #runs = new Map<string, Run>();
  readonly #pointers = new Map<string, Pointer>();
  readonly #deleted: { readonly key: ExecutionKey; readonly stored: Stored }[] = [];
  readonly volume = { rows: 0, bytes: 0 };

  constructor(questions: Questions, touched: Touched) {
    for (const key of touched.keys) this.#runs.set(runName(key), newRun(key));
    for (const { namespaceId, workflowId } of touched.pointers) {
      const pointer = { namespaceId, workflowId, stored: undefined, runId: undefined };
      this.#pointers.set(workflowName(namespaceId, workflowId), pointer);
    }
    this.#askForRuns(questions);
    this.#askForPointers(questions);
  }

  /** Every condition of every run is checked before the first one is changed: a refused write leaves no trace. */
  commit({ lease, runs, current }: ExecutionWrite): 'committed' | 'conflict' {
    for (const run of runs) if (this.#run(run.key).version !== run.expectedVersion) return 'conflict';
    if (current && this.#pointer(current).runId !== current.expectedRunId) return 'conflict';
    for (const run of runs) check(run);
    for (const run of runs) this.#change(run, lease.partition);
    if (current) this.#pointer(current).runId = current.runId;
    return 'committed';
  }

  /** The row of a run that is to come has version 0: whoever reads runs passes over it. */
  stage({ lease, key, history }: StagedHistory): 'committed' | 'conflict' {
    const run = this.#run(key);
    if (run.version > 0) return 'conflict';
    run.shard = lease.partition;
    run.info = new Uint8Array();
    run.isOutstanding = true;
    run.staged.push(...history);
    return 'committed';
  }

  delete(key: ExecutionKey): 'committed' {
    const { stored } = this.#run(key);
    if (stored.id !== 0) this.#deleted.push({ key, stored });
    this.#runs.set(runName(key), newRun(key));
    const pointer = this.#pointer(key);
    if (pointer.runId === key.runId) pointer.runId = undefined;
    return 'committed';
  }

  /** How many runs are to get an id. */
  get newRuns(): number {
    let count = 0;
    for (const run of this.#runs.values()) if (run.info !== undefined && run.stored.id === 0) count += 1;
    return count;
  }

  /** Deletions first. @param nextId gives an id that no run has had */
  statements(nextId: () => number, maxChars: number): string[] {
    const changed: ChangedRun[] = [];
    for (const run of this.#runs.values()) {
      const { info, stored } = run;
      if (info !== undefined) changed.push({ ...run, info, id: stored.id === 0 ? nextId() : stored.id });
    }
    this.#note(changed);
    const insert = (target: tables.Target, rows: readonly tables.Row[]): string[] =>
      tables.insertRows(target, rows, maxChars);
    return [
      ...this.#deletions(),
      ...insert(tables.executionRows, changed.map(executionRow)),
      ...insert(tables.outstandingRows, changed.filter(isNewlyOutstanding).map(outstandingRow)),
      ...tables.deleteRows(
        tables.outstandingKey,
        changed.filter(isOutstandingNoMore).map(({ key }) => keyRow(key)),
      ),
      ...tables.deleteRows(tables.itemKey, changed.flatMap(removedItems)),
      ...insert(tables.itemRows, changed.flatMap(keptItems)),
      ...insert(
        tables.stagedHistoryRows,
        changed.flatMap(({ id, staged }) => staged.map((batch) => batchRow(id, batch))),
      ),
      ...insert(
        tables.historyRows,
        changed.flatMap(({ id, history }) => history.map((batch) => batchRow(id, batch))),
      ),
      ...this.#pointerMoves(maxChars),
      ...writeEntries(changed.flatMap(entryOf), maxChars),
    ];
  }

  #askForRuns(questions: Questions): void {
    const keys = [...this.#runs.values()].map(({ key }) => keyRow(key)).sort(byText);
    const columns = 'id, version, wake_at, outstanding, has_attributes, namespace_id, workflow_id, run_id';
    questions.ask(tables.selectLocked(tables.executionKey, { columns, keys, lock: 'FOR UPDATE' }), (rows) => {
      for (const row of rows as RunRow[]) {
        const [id, version, wakeAtMs, outstanding, attributes, namespaceId, workflowId, runId] = row;
        const key = { namespaceId: textIn(namespaceId), workflowId: textIn(workflowId), runId: textIn(runId) };
        const run = this.#run(key);
        const isOutstanding = outstanding === 1;
        run.stored = { id, version, isOutstanding, hasAttributes: attributes === 1 };
        Object.assign(run, { version, wakeAtMs, isOutstanding });
      }
    });
  }

  #askForPointers(questions: Questions): void {
    const keys = [...this.#pointers.values()]
      .map(({ namespaceId, workflowId }) => [namespaceId, workflowId])
      .sort(byText);
    const columns = 'namespace_id, workflow_id, run_id';
    questions.ask(tables.selectLocked(tables.currentRunKey, { columns, keys, lock: 'FOR UPDATE' }), (rows) => {
      for (const [namespaceId, workflowId, runId] of rows as [Uint8Array, Uint8Array, Uint8Array][]) {
        const pointer = this.#pointer({ namespaceId: textIn(namespaceId), workflowId: textIn(workflowId) });
        pointer.stored = textIn(runId);
        pointer.runId = pointer.stored;
      }
    });
  }

  #run(key: ExecutionKey): Run {
    const run = this.#runs.get(runName(key));
    assert(run !== undefined, 'a group has asked for each run it writes');
    return run;
  }

  #pointer({ namespaceId, workflowId }: Touched['pointers'][number]): Pointer {
    const pointer = this.#pointers.get(workflowName(namespaceId, workflowId));
    assert(pointer !== undefined, 'a group has asked for each pointer it writes');
    return pointer;
  }

  #change(write: RunWrite, shard: number): void {
    const run = this.#run(write.key);
    run.version = write.expectedVersion + 1;
    run.shard = shard;
    run.info = write.info;
    run.wakeAtMs = write.wakeAtMs;
    run.isOutstanding = write.outstanding;
    for (const { kind, key } of write.deletes) run.items.set(`${kind}/${key}`, { kind, key, data: undefined });
    for (const item of write.upserts) run.items.set(`${item.kind}/${item.key}`, item);
    run.history.push(...write.history);
    run.visibility = write.visibility ?? run.visibility;
  }

  #deletions(): string[] {
    const ids = this.#deleted.map(({ stored }) => [stored.id]);
    const outstanding = this.#deleted.filter(({ stored }) => stored.isOutstanding).map(({ key }) => keyRow(key));
    return [
      ...tables.deleteRows(tables.executionId, ids),
      ...tables.deleteRows(tables.outstandingKey, outstanding),
      ...tables.deleteRows(tables.itemsOfRun, ids),
      ...tables.deleteRows(tables.historyOfRun, ids),
      ...deleteEntries(
        ids,
        this.#deleted.filter(({ stored }) => stored.hasAttributes).map(({ stored }) => [stored.id]),
      ),
    ];
  }

  #pointerMoves(maxChars: number): string[] {
    const moved = [...this.#pointers.values()].filter(({ stored, runId }) => stored !== runId);
    const gone = moved.filter(({ runId }) => runId === undefined);
    const there = moved.flatMap(({ namespaceId, workflowId, runId }) =>
      runId === undefined ? [] : [[namespaceId, workflowId, runId]],
    );
    this.volume.rows += there.length;
    return [
      ...tables.deleteRows(
        tables.currentRunKey,
        gone.map(({ namespaceId, workflowId }) => [namespaceId, workflowId]),
      ),
      ...tables.insertRows(tables.currentRunRows, there, maxChars),
    ];
  }

  #note(changed: readonly ChangedRun[]): void {
    for (const { info, items, history, staged, visibility } of changed) {
      const parts = [...items.values(), ...history, ...staged];
      this.volume.rows += 1 + parts.length;
      this.volume.bytes += info.byteLength + (visibility === undefined ? 0 : bytesOfEntry(visibility));
      for (const { data } of parts) this.volume.bytes += data?.byteLength ?? 0;
    }
  }
}

type RunRow = [
  id: number,
  version: number,
  wakeAtMs: number,
  outstanding: number,
  hasAttributes: number,
  namespaceId: Uint8Array,
  workflowId: Uint8Array,
  runId: Uint8Array,
];

const newRun = (key: ExecutionKey): Run => ({
  key,
  stored: NONE,
  version: 0,
  shard: 0,
  isOutstanding: false,
  wakeAtMs: 0,
  info: undefined,
  items: new Map(),
  history: [],
  staged: [],
  visibility: undefined,
});

/** What a write must not break, found before the database does: there it would cost its neighbours a second try. */
function check({ history, visibility }: RunWrite): void {
  if (visibility !== undefined) checkVisibility(visibility);
  let lastEventId = 0;
  for (const batch of history) {
    assert(batch.firstEventId > lastEventId, 'history only grows at its end');
    lastEventId = batch.lastEventId;
  }
}

const runName = ({ namespaceId, workflowId, runId }: ExecutionKey): string => `${namespaceId}\0${workflowId}\0${runId}`;
const workflowName = (namespaceId: string, workflowId: string): string => `${namespaceId}\0${workflowId}`;
const keyRow = ({ namespaceId, workflowId, runId }: ExecutionKey): string[] => [namespaceId, workflowId, runId];

/** As the index orders them. */
function byText(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const order = compareKeywords(text, b[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

const hasAttributes = ({ visibility, stored }: Run): boolean =>
  visibility === undefined ? stored.hasAttributes : visibility.searchAttributes.size > 0;

const executionRow = (run: ChangedRun): tables.Row => [
  run.id,
  run.shard,
  run.version,
  run.wakeAtMs,
  run.isOutstanding ? 1 : 0,
  hasAttributes(run) ? 1 : 0,
  ...keyRow(run.key),
  run.info,
];

const isNewlyOutstanding = ({ isOutstanding, stored }: Run): boolean => isOutstanding && !stored.isOutstanding;
const isOutstandingNoMore = ({ isOutstanding, stored }: Run): boolean => !isOutstanding && stored.isOutstanding;
const outstandingRow = ({ key, shard, id }: ChangedRun): tables.Row => [...keyRow(key), shard, id];

const removedItems = ({ id, items }: ChangedRun): tables.Row[] =>
  [...items.values()].flatMap(({ kind, key, data }) => (data === undefined ? [[id, kind, key]] : []));
const keptItems = ({ id, items }: ChangedRun): tables.Row[] =>
  [...items.values()].flatMap(({ kind, key, data }) => (data === undefined ? [] : [[id, kind, key, data]]));

const batchRow = (id: number, { firstEventId, lastEventId, data }: HistoryBatch): tables.Row => [
  id,
  firstEventId,
  lastEventId,
  data,
];

const entryOf = ({ id, visibility, stored }: ChangedRun) =>
  visibility === undefined ? [] : [{ id, row: visibility, hadAttributes: stored.hasAttributes }];
