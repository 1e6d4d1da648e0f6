import type {
  CommitResult,
  DueRun,
  ExecutionKey,
  ExecutionStore,
  ExecutionWrite,
  HistoryBatch,
  HistoryRange,
  ItemRow,
  Lease,
  StagedHistory,
  StoredRun,
} from '../api/execution-store.ts';
import { numberArray, storable, textArray } from './values.ts';
import type { Connections } from './connect.ts';
import { Gathered } from './gathered.ts';
import { executionStatements as statements } from './statements.ts';
import type { Writer } from './writer.ts';

const MAX_RUNS_PER_READ = 64;
const MAX_POINTERS_PER_READ = 512;
const LAST_EVENT_ID = 2 ** 31 - 1;

type WorkflowKey = Omit<ExecutionKey, 'runId'>;

export class PostgresExecutionStore implements ExecutionStore {
  readonly #connections: Connections;
  readonly #writer: Writer;
  readonly #runs: Gathered<ExecutionKey, StoredRun>;
  readonly #currentRunIds: Gathered<WorkflowKey, string>;

  constructor(connections: Connections, writer: Writer) {
    this.#connections = connections;
    this.#writer = writer;
    const { clock } = connections;
    this.#runs = new Gathered({ clock, maxKeys: MAX_RUNS_PER_READ, read: (keys) => this.#readRuns(keys) });
    this.#currentRunIds = new Gathered({
      clock,
      maxKeys: MAX_POINTERS_PER_READ,
      read: (keys) => this.#readCurrentRunIds(keys),
    });
  }

  commit(write: ExecutionWrite): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'commit', write });
  }

  deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'deleteRuns', lease, key });
  }

  stageHistory(staged: StagedHistory): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'stage', ...staged });
  }

  readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined> {
    return this.#currentRunIds.get({ namespaceId, workflowId });
  }

  readRun(key: ExecutionKey): Promise<StoredRun | undefined> {
    return this.#runs.get(key);
  }

  async readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]> {
    const { fromEventId, untilEventId, maxBatches, reverse = false } = range;
    const rows = await this.#connections.read(reverse ? statements.historyBackward : statements.historyForward, [
      ...[key.namespaceId, key.workflowId, key.runId].map(storable),
      clampEventId(fromEventId),
      clampEventId(untilEventId),
      maxBatches,
    ]);
    return rows.map(([firstEventId, lastEventId, data]) => ({ firstEventId, lastEventId, data }));
  }

  async readOutstanding(
    shards: readonly number[],
    after: DueRun | undefined,
    limit: number,
  ): Promise<readonly DueRun[]> {
    const { namespaceId, workflowId, runId } = after?.key ?? { namespaceId: '', workflowId: '', runId: '' };
    const values = [...[namespaceId, workflowId, runId].map(storable), numberArray(shards), limit];
    return (await this.#connections.read(statements.outstanding, values)).map(dueRun);
  }

  async readDue(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    const rows = await this.#connections.read(statements.due, [untilMs, numberArray(shards), limit]);
    return rows.map(dueRun);
  }

  async #readCurrentRunIds(keys: readonly WorkflowKey[]): Promise<ReadonlyMap<number, string>> {
    const columns = [keys.map(({ namespaceId }) => namespaceId), keys.map(({ workflowId }) => workflowId)];
    return new Map(await this.#connections.read(statements.currentRunIds, columns.map(textArray)));
  }

  async #readRuns(keys: readonly ExecutionKey[]): Promise<ReadonlyMap<number, StoredRun>> {
    const columns = [
      keys.map(({ namespaceId }) => namespaceId),
      keys.map(({ workflowId }) => workflowId),
      keys.map(({ runId }) => runId),
    ];
    const found = new Map<number, StoredRun & { readonly items: ItemRow[] }>();
    for (const row of await this.#connections.read(statements.runs, columns.map(textArray))) {
      const [number, version, kind, itemKey, data] = row;
      const key = keys[number - 1];
      if (kind !== null && itemKey !== null) found.get(number)?.items.push({ kind, key: itemKey, data });
      else if (key !== undefined && version !== null) found.set(number, { key, version, info: data, items: [] });
    }
    return found;
  }
}

type DueRow = readonly [namespaceId: string, workflowId: string, runId: string, shard: number, wakeAtMs: number];

const dueRun = ([namespaceId, workflowId, runId, partition, wakeAtMs]: DueRow): DueRun => ({
  key: { namespaceId, workflowId, runId },
  partition,
  wakeAtMs,
});

const clampEventId = (eventId: number): number => Math.max(0, Math.min(eventId, LAST_EVENT_ID));
