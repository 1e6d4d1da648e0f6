import { type ListFilter, OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { CountResult, ListCursor, ListPage, VisibilityRow, VisibilityStore } from '../api/visibility-store.ts';
import { plain, type Sql, sql, textOf } from '../sql/sql.ts';
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
import { Recent } from '../recent.ts';
import type { Connection } from './connect.ts';
import { boundAll, dialect } from './dialect.ts';
import type { SqlValue, Statement } from './statements.ts';

const MAX_CACHED_STATEMENTS = 64;

const KEY_COLUMNS = plain('v.close_key, v.start_key, v.run_id');
const KEY = sql`(${KEY_COLUMNS})`;
const ORDER = sql`ORDER BY ${KEY_COLUMNS}`;
const SCAN = plain('visibility v INDEXED BY visibility_list');

const filters = new FilterCompiler(dialect);

type IdRow = [id: number];

export class SqliteVisibilityStore implements VisibilityStore {
  readonly #connection: Connection;
  readonly #statements = new Recent<Statement<readonly unknown[]>>(MAX_CACHED_STATEMENTS);
  readonly #closedBefore: Statement<[workflowId: string, runId: string]>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#closedBefore = connection.prepare(
      `SELECT workflow_id, run_id FROM visibility INDEXED BY visibility_list
       WHERE namespace_id = ? AND close_key >= ? AND close_key > ${-OPEN_RUN_CLOSE_TIME_MS}
       ORDER BY close_key DESC, start_key DESC, run_id DESC LIMIT ?`,
    );
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
    await this.#visit(namespaceId, from, (source) => {
      const wanted = page.size - rows.length;
      const select = sql`SELECT ${plain(LIST_COLUMNS)} FROM ${source} AND ${where} ${ORDER} LIMIT ${wanted}`;
      for (const row of this.#all<ListRow>(select)) rows.push(visibilityRowOf(namespaceId, row));
      return rows.length < page.size;
    });
    return pageOf(rows, page.size);
  }

  async count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    const plan = planList(filter.where);
    const where = compiled(plan);
    const group = filter.groupBy ? filters.group(filter.groupBy) : plain(`''`);
    const counts = new Map<string, number>();
    await this.#visit(namespaceId, plan, (source) => {
      const select = sql`SELECT ${group}, count(*) FROM ${source} AND ${where} GROUP BY 1`;
      for (const [value, count] of this.#all<[string | number | null, number]>(select)) {
        const name = String(value ?? '');
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
      return true;
    });
    return countResult(counts, filter);
  }

  listClosedBefore(
    namespaceId: string,
    closeTimeMs: number,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]> {
    return this.#connection.read(() =>
      this.#closedBefore.all(namespaceId, -closeTimeMs, limit).map(([workflowId, runId]) => ({ workflowId, runId })),
    );
  }

  /** Calls `take` for each stretch of the list that may match, in order, until it answers false. */
  async #visit(namespaceId: string, plan: ListPlan, take: (source: Sql<SqlValue>) => boolean): Promise<void> {
    let { after } = plan;
    for (let length = FIRST_STRETCH; ; length = Math.min(length * 2, LONGEST_STRETCH)) {
      const next = await this.#connection.read(() => {
        const inPlan = inStretch(namespaceId, after, plan.until);
        const ids = length === FIRST_STRETCH ? this.#fewCandidates(namespaceId, plan) : undefined;
        if (ids) {
          take(sql`json_each(${ids}) j CROSS JOIN visibility v ON v.id = j.value WHERE ${inPlan}`);
          return undefined;
        }
        const atEnd = sql`SELECT ${KEY_COLUMNS} FROM ${SCAN} WHERE ${inPlan} ${ORDER} LIMIT 1 OFFSET ${length - 1}`;
        const [boundary] = this.#all<[number, number, string]>(atEnd);
        const isWanted = take(sql`${SCAN} WHERE ${inStretch(namespaceId, after, boundary ?? plan.until)}`);
        return isWanted ? boundary : undefined;
      });
      if (next === undefined) return;
      after = next;
      await new Promise<void>((resolve) => this.#connection.clock.defer(resolve));
    }
  }

  /** The row ids among which all matches are, as JSON, if some term of the filter leaves only few. */
  #fewCandidates(namespaceId: string, plan: ListPlan): string | undefined {
    for (const driver of plan.drivers) {
      const rows = this.#all<IdRow>(sql`${candidates(namespaceId, driver)} LIMIT ${FEW_CANDIDATES + 1}`);
      if (rows.length <= FEW_CANDIDATES) return JSON.stringify([...new Set(rows.map(([id]) => id))]);
    }
    return undefined;
  }

  #all<Row extends readonly unknown[]>(query: Sql<SqlValue>): Row[] {
    return this.#prepare<Row>(textOf(query, () => '?')).all(...query.values);
  }

  #prepare<Row extends readonly unknown[]>(text: string): Statement<Row> {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#connection.prepare<readonly unknown[]>(text);
      this.#statements.set(text, statement);
    }
    return statement as unknown as Statement<Row>;
  }
}

const compiled = ({ where }: ListPlan): Sql<SqlValue> => (where ? filters.condition(where) : dialect.yes);

const inStretch = (namespaceId: string, after: ListKey, until: ListKey): Sql<SqlValue> =>
  sql`v.namespace_id = ${namespaceId} AND ${KEY} > (${boundAll(after)}) AND ${KEY} <= (${boundAll(until)})`;

/** The ids of all rows that fulfil an equality. */
function candidates(namespaceId: string, { field, values }: Driver): Sql<SqlValue> {
  const wanted = boundAll(elements(field, values));
  return field.kind === 'attribute'
    ? sql`SELECT visibility_id FROM visibility_attributes WHERE name = ${field.name} AND value IN (${wanted})`
    : sql`SELECT id FROM executions WHERE namespace_id = ${namespaceId} AND workflow_id IN (${wanted})`;
}
