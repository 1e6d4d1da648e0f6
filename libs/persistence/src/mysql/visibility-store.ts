import { type ListFilter, OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { CountResult, ListCursor, ListPage, VisibilityRow, VisibilityStore } from '../api/visibility-store.ts';
import { plain, type Sql } from '../sql/sql.ts';
import { elements, FilterCompiler } from '../sql/visibility-filter.ts';
import {
  type Driver,
  FEW_CANDIDATES,
  FIRST_STRETCH,
  keyOf,
  laterKey,
  type ListKey,
  type ListPlan,
  LONGEST_STRETCH,
  planList,
} from '../sql/visibility-plan.ts';
import { LIST_COLUMNS, type ListRow, visibilityRowOf } from '../sql/visibility-rows.ts';
import { countResult, pageOf } from '../visibility-fields.ts';
import type { Database } from './connect.ts';
import { dialect, isOneOf } from './dialect.ts';
import { sql, type SqlValue, textIn, valueList } from './literals.ts';

const KEY_COLUMNS = plain('v.close_key, v.start_key, v.run_id');
const ORDER = sql`ORDER BY ${KEY_COLUMNS}`;
const SCAN = plain('visibility v FORCE INDEX (visibility_list)');
const BY_ID = plain('visibility v FORCE INDEX (PRIMARY)');

const filters = new FilterCompiler(dialect);

/** Gets a FROM and the beginning of its WHERE, and answers whether it wants more. */
type Take = (source: Sql<SqlValue>) => Promise<boolean>;

export class MysqlVisibilityStore implements VisibilityStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(
    namespaceId: string,
    filter: ListFilter,
    page: { readonly size: number; readonly after: ListCursor | undefined },
  ): Promise<ListPage> {
    const plan = planList(filter.where);
    const from = page.after ? { ...plan, after: laterKey(plan.after, keyOf(page.after)) } : plan;
    const where = compiled(plan);
    const rows: VisibilityRow[] = [];
    await this.#visit(namespaceId, from, async (source) => {
      const wanted = page.size - rows.length;
      const found = await this.#database.read<BytesRow>(
        sql`SELECT ${plain(LIST_COLUMNS)} FROM ${source} AND ${where} ${ORDER} LIMIT ${wanted}`,
      );
      for (const row of found) rows.push(visibilityRowOf(namespaceId, withTexts(row)));
      return rows.length < page.size;
    });
    return pageOf(rows, page.size);
  }

  async count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    const plan = planList(filter.where);
    const where = compiled(plan);
    const group = filter.groupBy ? filters.group(filter.groupBy) : plain(`''`);
    const counts = new Map<string, number>();
    await this.#visit(namespaceId, plan, async (source) => {
      const found = await this.#database.read<[value: Uint8Array | string | number | null, count: number]>(
        sql`SELECT ${group} AS value, count(*) FROM ${source} AND ${where} GROUP BY value`,
      );
      for (const [value, count] of found) {
        const name = value instanceof Uint8Array ? textIn(value) : String(value ?? '');
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
      return true;
    });
    return countResult(counts, filter);
  }

  async listClosedBefore(
    namespaceId: string,
    closeTimeMs: number,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]> {
    const rows = await this.#database.read<[workflowId: Uint8Array, runId: Uint8Array]>(
      sql`SELECT v.workflow_id, v.run_id FROM ${SCAN}
        WHERE v.namespace_id = ${namespaceId} AND v.close_key >= ${-closeTimeMs}
          AND v.close_key > ${-OPEN_RUN_CLOSE_TIME_MS}
        ORDER BY v.close_key DESC, v.start_key DESC, v.run_id DESC LIMIT ${limit}`,
    );
    return rows.map(([workflowId, runId]) => ({ workflowId: textIn(workflowId), runId: textIn(runId) }));
  }

  /** Calls `take` for each stretch of the list that may match, in order, until it answers false. */
  async #visit(namespaceId: string, plan: ListPlan, take: Take): Promise<void> {
    let { after } = plan;
    const ids = await this.#fewCandidates(namespaceId, plan);
    if (ids !== undefined) {
      await take(sql`${BY_ID} WHERE v.id IN (${valueList(ids)}) AND ${inStretch(namespaceId, after, plan.until)}`);
      return;
    }
    for (let length = FIRST_STRETCH; ; length = Math.min(length * 2, LONGEST_STRETCH)) {
      const boundary = await this.#boundary(inStretch(namespaceId, after, plan.until), length);
      const isWanted = await take(sql`${SCAN} WHERE ${inStretch(namespaceId, after, boundary ?? plan.until)}`);
      if (!isWanted || boundary === undefined) return;
      after = boundary;
    }
  }

  /** The key of the last run of a stretch; undefined when there are fewer runs. */
  async #boundary(where: Sql<SqlValue>, length: number): Promise<ListKey | undefined> {
    const [row] = await this.#database.read<[number, number, Uint8Array]>(
      sql`SELECT ${KEY_COLUMNS} FROM ${SCAN} WHERE ${where} ${ORDER} LIMIT 1 OFFSET ${length - 1}`,
    );
    return row && [row[0], row[1], textIn(row[2])];
  }

  /** The ids among which all matches are, if some term of the filter leaves only few. */
  async #fewCandidates(namespaceId: string, plan: ListPlan): Promise<readonly number[] | undefined> {
    for (const driver of plan.drivers) {
      const rows = await this.#database.read<[id: number]>(
        sql`${candidates(namespaceId, driver)} LIMIT ${FEW_CANDIDATES + 1}`,
      );
      if (rows.length <= FEW_CANDIDATES) return [...new Set(rows.map(([id]) => id))];
    }
    return undefined;
  }
}

const compiled = ({ where }: ListPlan): Sql<SqlValue> => (where ? filters.condition(where) : dialect.yes);

/** Written out column by column: a comparison of tuples would be no range of the index. */
const inStretch = (namespaceId: string, after: ListKey, until: ListKey): Sql<SqlValue> =>
  sql`v.namespace_id = ${namespaceId}
    AND v.close_key >= ${after[0]} AND v.close_key <= ${until[0]}
    AND (v.close_key > ${after[0]} OR v.start_key > ${after[1]}
      OR (v.start_key = ${after[1]} AND v.run_id > ${after[2]}))
    AND (v.close_key < ${until[0]} OR v.start_key < ${until[1]}
      OR (v.start_key = ${until[1]} AND v.run_id <= ${until[2]}))`;

/** The ids of all rows that fulfil an equality. */
function candidates(namespaceId: string, { field, values }: Driver): Sql<SqlValue> {
  if (field.kind === 'attribute') {
    const isWanted = isOneOf(elements(field, values));
    return sql`SELECT visibility_id FROM visibility_attributes FORCE INDEX (visibility_attributes_value)
      WHERE name = ${field.name} AND ${isWanted}`;
  }
  return sql`SELECT id FROM executions FORCE INDEX (executions_key)
    WHERE namespace_id = ${namespaceId} AND workflow_id IN (${valueList(values.map(String))})`;
}

/** A row as the driver gives it: texts are bytes. */
type BytesRow = readonly (Uint8Array | number | null)[];

const TEXT_COLUMNS = [0, 1, 2, 3, 11, 12, 13, 14];

function withTexts(row: BytesRow): ListRow {
  const decoded: unknown[] = [...row];
  for (const column of TEXT_COLUMNS) {
    const bytes = row[column];
    if (bytes instanceof Uint8Array) decoded[column] = textIn(bytes);
  }
  return decoded as unknown as ListRow;
}
