import type {
  CommitResult,
  DueRun,
  ExecutionKey,
  ExecutionStore,
  ExecutionWrite,
  HistoryBatch,
  HistoryRange,
  Lease,
  StagedHistory,
  StoredRun,
} from '../api/execution-store.ts';
import { type CommitContext, CommitWrite } from './commit.ts';
import { History } from './history.ts';
import type { Lanes } from './lanes.ts';
import { OutstandingIndex, WakeIndex } from './queue-index.ts';
import { workflowName } from './shards.ts';
import { DeleteWrite, StageWrite } from './stage.ts';
import { type HeadRow, hints, runs, type RunRow } from './statements.ts';
import type { Tidier } from './tidier.ts';

export interface ExecutionContext extends CommitContext {
  readonly lanes: Lanes;
  readonly tidier: Tidier;
}

export class CassandraExecutionStore implements ExecutionStore {
  readonly #context: ExecutionContext;
  readonly #outstanding: OutstandingIndex;
  readonly #wakes: WakeIndex;

  constructor(context: ExecutionContext) {
    this.#context = context;
    this.#outstanding = new OutstandingIndex(context);
    this.#wakes = new WakeIndex(context);
  }

  async commit(write: ExecutionWrite): Promise<CommitResult> {
    const of = write.runs[0]?.key ?? write.current;
    if (of === undefined) return 'committed';
    return this.#context.lanes.submit(new CommitWrite(write, workflowName(of), this.#context));
  }

  stageHistory(staged: StagedHistory): Promise<CommitResult> {
    return this.#context.lanes.submit(new StageWrite(staged, workflowName(staged.key), this.#context));
  }

  /** What the run had beside its shard goes before the answer; what is left of it by a crash is nobody's and hidden. */
  async deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult> {
    const { lanes, connection, tidier } = this.#context;
    const write = new DeleteWrite({ lease, key }, workflowName(key), this.#context);
    const result = await lanes.submit(write);
    if (result !== 'committed') return result;
    try {
      await connection.write(write.remains);
      const others = await connection.read(runs.anyOfWorkflow(lease.partition, key));
      if (others.length === 0) tidier.add([hints.dropShard({ key, partition: lease.partition, stamp: write.stamp })]);
    } catch {
      tidier.add(write.remains);
    }
    return result;
  }

  async readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined> {
    const { shards, connection } = this.#context;
    const key = { namespaceId, workflowId };
    const partition = await shards.find(key);
    if (partition === undefined) return undefined;
    const [row] = await connection.read<HeadRow>(runs.pointer(partition, key));
    return row?.current_run_id ?? undefined;
  }

  async readRun(key: ExecutionKey): Promise<StoredRun | undefined> {
    const { shards, connection } = this.#context;
    const partition = await shards.find(key);
    if (partition === undefined) return undefined;
    const rows = await connection.read<RunRow>(runs.whole({ partition, key }));
    const head = rows.find(({ kind }) => kind < 0);
    if (!head || head.version === null) return undefined;
    const items = rows
      .filter(({ kind }) => kind >= 0)
      .map((row) => ({ kind: row.kind, key: row.item_key, data: filled(row.data) }));
    return { key, version: head.version, info: filled(head.info), items };
  }

  async readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]> {
    const { shards, connection } = this.#context;
    const partition = await shards.find(key);
    if (partition === undefined) return [];
    const [head] = await connection.read<HeadRow>(runs.head({ partition, key }));
    return head ? new History(connection, key, head).read(range) : [];
  }

  readOutstanding(shards: readonly number[], after: DueRun | undefined, limit: number): Promise<readonly DueRun[]> {
    return this.#outstanding.read(shards, after, limit);
  }

  readDue(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    return this.#wakes.read(shards, untilMs, limit);
  }
}

/** An empty blob may come back as null. */
const filled = (data: Uint8Array | null): Uint8Array => data ?? new Uint8Array();
