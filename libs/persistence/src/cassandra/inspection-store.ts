import type { ExecutionKey } from '../api/execution-store.ts';
import type {
  CurrentRun,
  InspectedPage,
  InspectedRange,
  InspectionStore,
  Orphan,
  RunRecord,
} from '../api/inspection-store.ts';
import type { Connection, Statement } from './connect.ts';
import type { Shards } from './shards.ts';
import { type HeadRow, runs } from './statements.ts';

/** Runs whose rows are looked for at once when the whole store is gone through. */
const ORPHAN_PAGE = 200;

interface Cursor {
  readonly shard: number;
  readonly from: string | undefined;
}

interface Claimed {
  readonly partition_id?: number;
  readonly namespace_id: string;
  readonly workflow_id: string;
  readonly run_id: string;
}

/** Goes through shard after shard, in the order of their rows: those of items come along and are passed over. */
export class CassandraInspectionStore implements InspectionStore {
  readonly #connection: Connection;
  readonly #shards: Shards;

  constructor(connection: Connection, shards: Shards) {
    this.#connection = connection;
    this.#shards = shards;
  }

  runs(range: InspectedRange): Promise<InspectedPage<RunRecord>> {
    return this.#pages(range, recordOf);
  }

  async run(key: ExecutionKey): Promise<RunRecord | undefined> {
    const partition = await this.#shards.find(key);
    if (partition === undefined) return undefined;
    const [head] = await this.#connection.read<HeadRow>(runs.head({ partition, key }));
    return head && recordOf(head, partition);
  }

  currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>> {
    return this.#pages(range, currentRunOf);
  }

  async orphans(limit: number): Promise<readonly Orphan[]> {
    const found: Orphan[] = [];
    await this.#claims(HISTORIES, async (rows) => {
      found.push(...(await this.#withoutRun(rows, 'history')));
      return found.length < limit;
    });
    await this.#claims(ENTRIES, async (rows) => {
      found.push(...(await this.#withoutRun(rows, 'list entry')));
      return found.length < limit;
    });
    return found.slice(0, limit);
  }

  async #pages<T>(
    range: InspectedRange,
    read: (head: HeadRow, partition: number) => T | undefined,
  ): Promise<InspectedPage<T>> {
    const { namespaceId, workflowId, after, limit } = range;
    const shards = await this.#shardsOf(range);
    const cursor = after === undefined ? { shard: 0, from: undefined } : (JSON.parse(after) as Cursor);
    const partition = shards.find((shard) => shard >= cursor.shard);
    if (partition === undefined) return { rows: [], next: undefined };
    const statement: Statement =
      namespaceId !== undefined && workflowId !== undefined
        ? runs.ofWorkflow(partition, { namespaceId, workflowId })
        : runs.ofShard(partition);
    const page = await this.#connection.readPage<HeadRow>(statement, { limit, from: cursor.from });
    const wanted = page.rows.filter((row) => namespaceId === undefined || row.namespace_id === namespaceId);
    const rows = wanted.flatMap((head) => read(head, partition) ?? []);
    const next = page.next === undefined ? { shard: partition + 1 } : { shard: partition, from: page.next };
    const isLast = page.next === undefined && !shards.some((shard) => shard > partition);
    return { rows, next: isLast ? undefined : JSON.stringify(next) };
  }

  /** In rising order. Whoever wrote to a shard has taken its lease. */
  async #shardsOf({ namespaceId, workflowId }: InspectedRange): Promise<readonly number[]> {
    if (namespaceId !== undefined && workflowId !== undefined) {
      const shard = await this.#shards.find({ namespaceId, workflowId });
      return shard === undefined ? [] : [shard];
    }
    const rows = await this.#connection.read<{ readonly partition_id: number }>({
      query: `SELECT partition_id FROM leases WHERE kind = 'history'`,
      values: [],
    });
    return rows.map((row) => row.partition_id);
  }

  async #claims(query: string, take: (rows: readonly Claimed[]) => Promise<boolean>): Promise<void> {
    let from: string | undefined;
    do {
      const page = await this.#connection.readPage<Claimed>({ query, values: [] }, { limit: ORPHAN_PAGE, from });
      if (!(await take(page.rows))) return;
      from = page.next;
    } while (from !== undefined);
  }

  async #withoutRun(rows: readonly Claimed[], what: Orphan['what']): Promise<readonly Orphan[]> {
    const lacks = await Promise.all(
      rows.map(async (row) => {
        const key = { namespaceId: row.namespace_id, workflowId: row.workflow_id, runId: row.run_id };
        return row.workflow_id !== null && (await this.run(key)) === undefined;
      }),
    );
    const lost = rows.filter((_, i) => lacks[i] === true);
    return lost.map((row) => ({ what, where: `${row.namespace_id}/${row.workflow_id}/${row.run_id}` }));
  }
}

const HISTORIES = 'SELECT DISTINCT namespace_id, workflow_id, run_id FROM history';
const ENTRIES = 'SELECT namespace_id, workflow_id, run_id FROM visibility';

function recordOf(head: HeadRow, partition: number): RunRecord | undefined {
  if (head.kind >= 0 || head.run_id === '' || (head.version === null && head.staged !== true)) return undefined;
  return {
    key: { namespaceId: head.namespace_id, workflowId: head.workflow_id, runId: head.run_id },
    partition,
    version: head.version ?? 0,
    wakeAtMs: head.wake_at ?? 0,
    outstanding: head.outstanding ?? false,
  };
}

function currentRunOf(head: HeadRow): CurrentRun | undefined {
  if (head.run_id !== '' || head.current_run_id === null) return undefined;
  return { namespaceId: head.namespace_id, workflowId: head.workflow_id, runId: head.current_run_id };
}
