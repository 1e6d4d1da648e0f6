import type { ExecutionKey } from '../api/execution-store.ts';
import type {
  CurrentRun,
  InspectedPage,
  InspectedRange,
  InspectionStore,
  Orphan,
  RunRecord,
} from '../api/inspection-store.ts';
import { join, plain, type Sql } from '../sql/sql.ts';
import type { Database } from './connect.ts';
import { isBehind, sql, type SqlValue, textIn } from './literals.ts';

const RUN_KEY = ['e.namespace_id', 'e.workflow_id', 'e.run_id'];
const POINTER_KEY = ['e.namespace_id', 'e.workflow_id'];

/** A run is outstanding if the next owner would find it so. */
const RUN_COLUMNS = plain(`${RUN_KEY.join(', ')}, e.shard, e.version, e.wake_at, EXISTS (
  SELECT 1 FROM outstanding_runs o
  WHERE o.namespace_id = e.namespace_id AND o.workflow_id = e.workflow_id AND o.run_id = e.run_id
    AND o.execution_id = e.id AND o.shard = e.shard)`);
const RUNS = plain('executions e FORCE INDEX (executions_key)');

type RunRow = [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  shard: number,
  version: number,
  wakeAtMs: number,
  outstanding: number,
];
type PointerRow = [namespaceId: Uint8Array, workflowId: Uint8Array, runId: Uint8Array];

/** Pages follow the keys, which is the order of an index. */
export class MysqlInspectionStore implements InspectionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async runs(range: InspectedRange): Promise<InspectedPage<RunRecord>> {
    const from = sql`SELECT ${RUN_COLUMNS} FROM ${RUNS}`;
    const { rows, next } = await this.#page<RunRow>(range, from, RUN_KEY);
    return { rows: rows.map(runRecord), next };
  }

  async run({ namespaceId, workflowId, runId }: ExecutionKey): Promise<RunRecord | undefined> {
    const [row] = await this.#database.read<RunRow>(
      sql`SELECT ${RUN_COLUMNS} FROM ${RUNS}
        WHERE e.namespace_id = ${namespaceId} AND e.workflow_id = ${workflowId} AND e.run_id = ${runId}`,
    );
    return row && runRecord(row);
  }

  async currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>> {
    const from = sql`SELECT e.namespace_id, e.workflow_id, e.run_id FROM current_runs e FORCE INDEX (PRIMARY)`;
    const { rows, next } = await this.#page<PointerRow>(range, from, POINTER_KEY);
    return { rows: rows.map(keyOf), next };
  }

  async orphans(limit: number): Promise<readonly Orphan[]> {
    const found: Orphan[] = [];
    for (const { what, query } of ORPHANS) {
      const rows = await this.#database.read<[where: Uint8Array]>(sql`${query} LIMIT ${limit}`);
      for (const [where] of rows) found.push({ what, where: textIn(where) });
    }
    return found.slice(0, limit);
  }

  async #page<Row extends readonly unknown[]>(
    { namespaceId, workflowId, after, limit }: InspectedRange,
    from: Sql<SqlValue>,
    key: readonly string[],
  ): Promise<InspectedPage<Row>> {
    const position = after === undefined ? key.map(() => '') : (JSON.parse(after) as readonly string[]);
    const conditions = [isBehind(key, position)];
    if (namespaceId !== undefined) conditions.push(sql`e.namespace_id = ${namespaceId}`);
    if (workflowId !== undefined) conditions.push(sql`e.workflow_id = ${workflowId}`);
    const where = join(conditions, ' AND ');
    const rows = await this.#database.read<Row>(
      sql`${from} WHERE ${where} ORDER BY ${plain(key.join(', '))} LIMIT ${limit}`,
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { rows, next: last && JSON.stringify(last.slice(0, key.length).map((part) => textIn(part as Uint8Array))) };
  }
}

const keyOf = ([namespaceId, workflowId, runId]: readonly [Uint8Array, Uint8Array, Uint8Array, ...unknown[]]) => ({
  namespaceId: textIn(namespaceId),
  workflowId: textIn(workflowId),
  runId: textIn(runId),
});

function runRecord(row: RunRow): RunRecord {
  const [, , , partition, version, wakeAtMs, outstanding] = row;
  return { key: keyOf(row), partition, version, wakeAtMs, outstanding: outstanding === 1 };
}

/** `where` comes as bytes, as all texts do. */
const orphan = (what: Orphan['what'], where: string, rest: string): { what: Orphan['what']; query: Sql<never> } => ({
  what,
  query: plain(`SELECT DISTINCT CAST(CONCAT(${where}) AS BINARY) FROM ${rest}`),
});

const NO_RUN = 'NOT EXISTS (SELECT 1 FROM executions e WHERE e.id =';

const ORPHANS = [
  orphan('items', `'execution_items of ', i.execution_id`, `execution_items i WHERE ${NO_RUN} i.execution_id)`),
  orphan('history', `'history_batches of ', h.execution_id`, `history_batches h WHERE ${NO_RUN} h.execution_id)`),
  orphan('list entry', `'visibility of ', v.workflow_id, '/', v.run_id`, `visibility v WHERE ${NO_RUN} v.id)`),
  orphan(
    'search attributes',
    `'visibility_attributes of ', a.visibility_id`,
    `visibility_attributes a WHERE NOT EXISTS (SELECT 1 FROM visibility v WHERE v.id = a.visibility_id)`,
  ),
];
