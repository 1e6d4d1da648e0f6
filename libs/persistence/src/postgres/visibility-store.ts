import { type ListFilter, OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import type { CountResult, ListCursor, ListPage, VisibilityStore } from '../api/visibility-store.ts';
import { join, plain, type Sql, sql, textOf } from '../sql/sql.ts';
import { elements, FilterCompiler, storedAttribute } from '../sql/visibility-filter.ts';
import { type Driver, keyOf, laterKey, type ListKey, type ListPlan, planList } from '../sql/visibility-plan.ts';
import { LIST_COLUMNS, type ListRow, visibilityRowOf } from '../sql/visibility-rows.ts';
import { countResult, pageOf } from '../visibility-fields.ts';
import { textArray } from './values.ts';
import type { Connections } from './connect.ts';
import { dialect, hasValue } from './dialect.ts';
import { statement } from './statements.ts';

type Bound = string | number | null;

const KEY = plain('(v.close_key, v.start_key, v.run_id)');
const ORDER = plain('ORDER BY v.close_key, v.start_key, v.run_id');
const filters = new FilterCompiler(dialect);

const closedBefore = statement<[workflowId: string, runId: string]>(
  'closed_before',
  `SELECT workflow_id, run_id FROM visibility
   WHERE namespace_id = $1 AND close_key >= $2::float8 AND close_key > ${-OPEN_RUN_CLOSE_TIME_MS}
   ORDER BY close_key DESC, start_key DESC, run_id DESC LIMIT $3::int4`,
);

/** Each list or count is one statement, planned for its values: the database chooses the index. */
export class PostgresVisibilityStore implements VisibilityStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async list(
    namespaceId: string,
    filter: ListFilter,
    page: { readonly size: number; readonly after: ListCursor | undefined },
  ): Promise<ListPage> {
    const plan = planList(filter.where);
    const after = page.after ? laterKey(plan.after, keyOf(page.after)) : plan.after;
    const matching = matches(namespaceId, { ...plan, after });
    const query = sql<Bound>`SELECT ${plain(LIST_COLUMNS)} FROM visibility v WHERE ${matching} ${ORDER}
      LIMIT ${page.size}::int4`;
    const rows = (await this.#read<ListRow>(query)).map((row) => visibilityRowOf(namespaceId, row));
    return pageOf(rows, page.size);
  }

  async count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    const group = filter.groupBy ? filters.group(filter.groupBy) : plain(`''::text`);
    const matching = matches(namespaceId, planList(filter.where));
    const query = sql<Bound>`SELECT ${group}, count(*) FROM visibility v WHERE ${matching} GROUP BY 1`;
    const rows = await this.#read<[value: string | number | boolean | null, count: number]>(query);
    const counts = new Map(rows.map(([value, count]) => [String(value ?? ''), count]));
    return countResult(counts, filter);
  }

  async listClosedBefore(
    namespaceId: string,
    closeTimeMs: number,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]> {
    const rows = await this.#connections.scan(closedBefore, [namespaceId, -closeTimeMs, limit]);
    return rows.map(([workflowId, runId]) => ({ workflowId, runId }));
  }

  #read<Row extends readonly unknown[]>(query: Sql<Bound>): Promise<Row[]> {
    const text = textOf(query, (number) => `$${number}`);
    return this.#connections.scan(statement<Row>('', text), query.values);
  }
}

function matches(namespaceId: string, { where, after, until, drivers }: ListPlan): Sql<Bound> {
  return join(
    [
      sql<Bound>`v.namespace_id = ${namespaceId}`,
      sql<Bound>`${KEY} > ${key(after)}`,
      sql<Bound>`${KEY} <= ${key(until)}`,
      ...drivers.map((driver) => indexed(namespaceId, driver)),
      ...(where === undefined ? [] : [filters.condition(where)]),
    ],
    ' AND ',
  );
}

const key = ([closeKey, startKey, runId]: ListKey): Sql<Bound> =>
  sql<Bound>`(${closeKey}::float8, ${startKey}::float8, ${runId}::text)`;

/** Says an equality once more in a form that an index answers: that on attributes, or that of runs. */
function indexed(namespaceId: string, { field, values }: Driver): Sql<Bound> {
  if (field.kind === 'attribute') return hasValue(storedAttribute(field), elements(field, values));
  const names = textArray(values.map(String));
  return sql<Bound>`v.id = ANY (ARRAY (SELECT e.id FROM executions e
    WHERE e.namespace_id = ${namespaceId} AND e.workflow_id = ANY (${names}::text[])))`;
}
