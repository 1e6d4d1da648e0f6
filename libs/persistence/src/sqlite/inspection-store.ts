import type { ExecutionKey } from '../api/execution-store.ts';
import type {
  CurrentRun,
  InspectedPage,
  InspectedRange,
  InspectionStore,
  Orphan,
  RunRecord,
} from '../api/inspection-store.ts';
import type { Connection } from './connect.ts';
import { EVENT_ID_BITS } from './schema.ts';
import type { SqlValue, Statement } from './statements.ts';

type RunRow = [string, string, string, partition: number, version: number, wakeAtMs: number, outstanding: number];
const RUN_COLUMNS = 'namespace_id, workflow_id, run_id, shard, version, wake_at, outstanding';
type PointerRow = [namespaceId: string, workflowId: string, runId: string];

/** Pages follow the keys, which is the order of an index. */
export class SqliteInspectionStore implements InspectionStore {
  readonly #connection: Connection;
  readonly #run: Statement<RunRow>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#run = connection.prepare(
      `SELECT ${RUN_COLUMNS} FROM executions WHERE namespace_id = ? AND workflow_id = ? AND run_id = ?`,
    );
  }

  async runs(range: InspectedRange): Promise<InspectedPage<RunRecord>> {
    const key = ['namespace_id', 'workflow_id', 'run_id'];
    const { rows, next } = await this.#page<RunRow>(range, { columns: RUN_COLUMNS, table: 'executions', key });
    return { rows: rows.map(runRecord), next };
  }

  run({ namespaceId, workflowId, runId }: ExecutionKey): Promise<RunRecord | undefined> {
    return this.#connection.read(() => {
      const row = this.#run.get(namespaceId, workflowId, runId);
      return row && runRecord(row);
    });
  }

  async currentRuns(range: InspectedRange): Promise<InspectedPage<CurrentRun>> {
    const key = ['namespace_id', 'workflow_id'];
    const { rows, next } = await this.#page<PointerRow>(range, {
      columns: `${key.join(', ')}, run_id`,
      table: 'current_runs',
      key,
    });
    return { rows: rows.map(([namespaceId, workflowId, runId]) => ({ namespaceId, workflowId, runId })), next };
  }

  orphans(limit: number): Promise<readonly Orphan[]> {
    return this.#connection.read(() => {
      const found: Orphan[] = [];
      for (const [what, sql] of Object.entries(ORPHANS)) {
        const statement: Statement<[string]> = this.#connection.prepare(sql);
        for (const [where] of statement.all(limit)) found.push({ what: what as Orphan['what'], where });
      }
      return found.slice(0, limit);
    });
  }

  #page<Row extends readonly unknown[]>(
    { namespaceId, workflowId, after, limit }: InspectedRange,
    { columns, table, key }: { readonly columns: string; readonly table: string; readonly key: readonly string[] },
  ): Promise<InspectedPage<Row>> {
    const position = after === undefined ? key.map(() => '') : (JSON.parse(after) as readonly string[]);
    const conditions = [`(${key.join(', ')}) > (${key.map(() => '?').join(', ')})`];
    const values: SqlValue[] = [...position];
    const only = (column: string, value: string | undefined): void => {
      if (value === undefined) return;
      conditions.push(`${column} = ?`);
      values.push(value);
    };
    only('namespace_id', namespaceId);
    only('workflow_id', workflowId);
    const sql = `SELECT ${columns} FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${key.join(', ')} LIMIT ?`;
    return this.#connection.read(() => {
      const rows = this.#connection.prepare<Row>(sql).all(...values, limit);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return { rows, next: last && JSON.stringify(last.slice(0, key.length)) };
    });
  }
}

const runRecord = ([namespaceId, workflowId, runId, partition, version, wakeAtMs, outstanding]: RunRow): RunRecord => ({
  key: { namespaceId, workflowId, runId },
  partition,
  version,
  wakeAtMs,
  outstanding: outstanding === 1,
});

const NO_RUN = 'NOT EXISTS (SELECT 1 FROM executions e WHERE e.id =';

const ORPHANS: Readonly<Record<Orphan['what'], string>> = {
  items: `SELECT DISTINCT 'execution_items of ' || i.execution_id FROM execution_items i
    WHERE ${NO_RUN} i.execution_id) LIMIT ?`,
  history: `SELECT DISTINCT 'history_batches of ' || (h.id >> ${EVENT_ID_BITS}) FROM history_batches h
    WHERE ${NO_RUN} h.id >> ${EVENT_ID_BITS}) LIMIT ?`,
  'list entry': `SELECT 'visibility of ' || v.workflow_id || '/' || v.run_id FROM visibility v
    WHERE ${NO_RUN} v.id) LIMIT ?`,
  'search attributes': `SELECT DISTINCT 'visibility_attributes of ' || a.visibility_id FROM visibility_attributes a
    WHERE NOT EXISTS (SELECT 1 FROM visibility v WHERE v.id = a.visibility_id) LIMIT ?`,
};
