import type { ExecutionKey } from '../api/execution-store.ts';
import type {
  CurrentRun,
  InspectedPage,
  InspectedRange,
  InspectionStore,
  Orphan,
  RunRecord,
} from '../api/inspection-store.ts';
import { join, plain, type Sql, sql, textOf } from '../sql/sql.ts';
import { storable } from './values.ts';
import type { Connections } from './connect.ts';
import { statement } from './statements.ts';

type RunRow = [string, string, string, partition: number, version: number, wakeAtMs: number, outstanding: boolean];
type PointerRow = [namespaceId: string, workflowId: string, runId: string];
type Bound = string | number;

const RUN_COLUMNS = 'namespace_id, workflow_id, run_id, shard, version, wake_at, outstanding';
const runByKey = statement<RunRow>(
  'inspect_run',
  `SELECT ${RUN_COLUMNS} FROM executions WHERE namespace_id = $1 AND workflow_id = $2 AND run_id = $3`,
);

/** Pages follow the keys, which is the order of an index. */
export class PostgresInspectionStore implements InspectionStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async runs(range: InspectedRange): Promise<InspectedPage<RunRecord>> {
    const key = ['namespace_id', 'workflow_id', 'run_id'];
    const { rows, next } = await this.#page<RunRow>(range, { columns: RUN_COLUMNS, table: 'executions', key });
    return { rows: rows.map(runRecord), next };
  }

  async run({ namespaceId, workflowId, runId }: ExecutionKey): Promise<RunRecord | undefined> {
    const [row] = await this.#connections.read(runByKey, [namespaceId, workflowId, runId].map(storable));
    return row && runRecord(row);
  }

  async currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>> {
    const { rows, next } = await this.#page<PointerRow>(range, {
      columns: 'namespace_id, workflow_id, run_id',
      table: 'current_runs',
      key: ['namespace_id', 'workflow_id'],
    });
    return { rows: rows.map(([namespaceId, workflowId, runId]) => ({ namespaceId, workflowId, runId })), next };
  }

  async orphans(limit: number): Promise<readonly Orphan[]> {
    const found: Orphan[] = [];
    for (const { what, text } of ORPHANS) {
      const rows = await this.#connections.scan(statement<[where: string]>('', text), [limit]);
      for (const [where] of rows) found.push({ what, where });
    }
    return found.slice(0, limit);
  }

  async #page<Row extends readonly unknown[]>(
    { namespaceId, workflowId, after, limit }: InspectedRange,
    { columns, table, key }: { readonly columns: string; readonly table: string; readonly key: readonly string[] },
  ): Promise<InspectedPage<Row>> {
    const position = after === undefined ? key.map(() => '') : (JSON.parse(after) as readonly string[]);
    const from = join(
      position.map((value) => sql<Bound>`${storable(value)}::text`),
      ', ',
    );
    const keyColumns = plain(key.join(', '));
    const conditions: Sql<Bound>[] = [sql`(${keyColumns}) > (${from})`];
    if (namespaceId !== undefined) conditions.push(sql`namespace_id = ${storable(namespaceId)}`);
    if (workflowId !== undefined) conditions.push(sql`workflow_id = ${storable(workflowId)}`);
    const query = sql<Bound>`SELECT ${plain(columns)} FROM ${plain(table)} WHERE ${join(conditions, ' AND ')}
      ORDER BY ${keyColumns} LIMIT ${limit}::int4`;
    const text = textOf(query, (number) => `$${number}`);
    const rows = await this.#connections.scan(statement<Row>('', text), query.values);
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { rows, next: last && JSON.stringify(last.slice(0, key.length)) };
  }
}

const runRecord = ([namespaceId, workflowId, runId, partition, version, wakeAtMs, outstanding]: RunRow): RunRecord => ({
  key: { namespaceId, workflowId, runId },
  partition,
  version,
  wakeAtMs,
  outstanding,
});

const NO_RUN = 'NOT EXISTS (SELECT 1 FROM executions e WHERE e.id =';

/** Attributes are a column of the list entry, which cannot be left behind without it. */
const ORPHANS: readonly { readonly what: Orphan['what']; readonly text: string }[] = [
  {
    what: 'items',
    text: `SELECT DISTINCT 'execution_items of ' || i.execution_id FROM execution_items i
      WHERE ${NO_RUN} i.execution_id) LIMIT $1::int4`,
  },
  {
    what: 'history',
    text: `SELECT DISTINCT 'history_batches of ' || h.execution_id FROM history_batches h
      WHERE ${NO_RUN} h.execution_id) LIMIT $1::int4`,
  },
  {
    what: 'list entry',
    text: `SELECT 'visibility of ' || v.workflow_id || '/' || v.run_id FROM visibility v
      WHERE ${NO_RUN} v.id) LIMIT $1::int4`,
  },
];
