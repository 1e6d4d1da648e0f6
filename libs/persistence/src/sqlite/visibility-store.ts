import {
  compareKeywords,
  type ListFilter,
  OPEN_RUN_CLOSE_TIME_MS,
  type SearchAttributeValue,
} from '@duramesh/visibility';
import type { CountResult, ListCursor, ListPage, VisibilityRow, VisibilityStore } from '../api/visibility-store.ts';
import { countGroups, cursorOf } from '../visibility-fields.ts';
import type { Connection } from './connect.ts';
import type { SqlValue, Statement } from './statements.ts';
import { compileGroup, type Sql } from './visibility-filter.ts';
import { keyOf, keyValues, laterKey, type ListPlan, planList } from './visibility-plan.ts';

/** A list is read in stretches of this many runs, growing, so that a filter that matches little holds up nobody else. */
const FIRST_STRETCH = 256;
const LONGEST_STRETCH = 4_096;
/** With at most this many candidates, they are looked at one by one instead. */
const FEW = 1_000;
const MAX_CACHED_STATEMENTS = 64;

const KEY = '(v.close_key, v.start_key, v.run_id)';
const IN_STRETCH = `v.namespace_id = ? AND ${KEY} > (?, ?, ?) AND ${KEY} <= (?, ?, ?)`;
const ORDER = 'ORDER BY v.close_key, v.start_key, v.run_id';
const SCAN = 'visibility v INDEXED BY visibility_list';
const CANDIDATES = 'json_each(?) j CROSS JOIN visibility v ON v.id = j.value';

type IdRow = [id: number];

export class SqliteVisibilityStore implements VisibilityStore {
  readonly #connection: Connection;
  readonly #statements = new Map<string, Statement<readonly unknown[]>>();
  readonly #boundary: Statement<[number, number, string]>;
  readonly #closedBefore: Statement<[workflowId: string, runId: string]>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#boundary = connection.prepare(
      `SELECT v.close_key, v.start_key, v.run_id FROM ${SCAN} WHERE ${IN_STRETCH} ${ORDER} LIMIT 1 OFFSET ?`,
    );
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
    const plan = planList(namespaceId, filter.where);
    const from = page.after ? { ...plan, after: laterKey(plan.after, keyOf(page.after)) } : plan;
    const rows: VisibilityRow[] = [];
    await this.#visit(namespaceId, from, (source) => {
      const { text, values } = plan.where;
      const select = `SELECT ${COLUMNS} FROM ${source.from} WHERE ${IN_STRETCH} AND ${text} ${ORDER} LIMIT ?`;
      const found = this.#prepare<ListRow>(select).all(...source.values, ...values, page.size - rows.length);
      for (const row of found) rows.push(visibilityRow(namespaceId, row));
      return rows.length < page.size;
    });
    const last = rows.at(-1);
    return { rows, next: last && rows.length === page.size ? cursorOf(last) : undefined };
  }

  async count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    const plan = planList(namespaceId, filter.where);
    const group: Sql = filter.groupBy ? compileGroup(filter.groupBy) : { text: `''`, values: [] };
    const counts = new Map<string, number>();
    await this.#visit(namespaceId, plan, (source) => {
      const { text, values } = plan.where;
      const select = `SELECT ${group.text}, count(*) FROM ${source.from} WHERE ${IN_STRETCH} AND ${text} GROUP BY 1`;
      const rows = this.#prepare<[string | number | null, number]>(select);
      for (const [value, count] of rows.all(...group.values, ...source.values, ...values)) {
        const name = String(value ?? '');
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
      return true;
    });
    let count = 0;
    for (const part of counts.values()) count += part;
    return { count, groups: filter.groupBy ? countGroups(counts, compareKeywords) : [] };
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
  async #visit(namespaceId: string, plan: ListPlan, take: (source: Source) => boolean): Promise<void> {
    let { after } = plan;
    for (let length = FIRST_STRETCH; ; length = Math.min(length * 2, LONGEST_STRETCH)) {
      const next = await this.#connection.read(() => {
        const ids = length === FIRST_STRETCH ? this.#fewCandidates(plan) : undefined;
        if (ids) {
          take({ from: CANDIDATES, values: [ids, namespaceId, ...keyValues(after, plan.until)] });
          return undefined;
        }
        const boundary = this.#boundary.get(namespaceId, ...keyValues(after, plan.until), length - 1);
        const until = boundary ?? plan.until;
        const isWanted = take({ from: SCAN, values: [namespaceId, ...keyValues(after, until)] });
        return isWanted ? boundary : undefined;
      });
      if (next === undefined) return;
      after = next;
      await new Promise<void>((resolve) => this.#connection.clock.defer(resolve));
    }
  }

  /** The row ids among which all matches are, as JSON, if some term of the filter leaves only few. */
  #fewCandidates(plan: ListPlan): string | undefined {
    for (const driver of plan.drivers) {
      const rows = this.#prepare<IdRow>(`${driver.text} LIMIT ${FEW + 1}`).all(...driver.values);
      if (rows.length <= FEW) return JSON.stringify([...new Set(rows.map(([id]) => id))]);
    }
    return undefined;
  }

  #prepare<Row extends readonly unknown[]>(text: string): Statement<Row> {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined && this.#statements.size >= MAX_CACHED_STATEMENTS) this.#statements.delete(oldest);
      statement = this.#connection.prepare<readonly unknown[]>(text);
      this.#statements.set(text, statement);
    }
    return statement as unknown as Statement<Row>;
  }
}

/** Where a query reads from, with the values its FROM and its stretch take. */
interface Source {
  readonly from: string;
  readonly values: readonly SqlValue[];
}

const COLUMNS = `v.workflow_id, v.run_id, v.workflow_type, v.task_queue, v.status, v.start_key, v.execution_time,
  v.close_key, v.history_length, v.history_size_bytes, v.state_transition_count,
  v.parent_workflow_id, v.parent_run_id, v.root_workflow_id, v.root_run_id, v.memo, v.search_attributes`;

type ListRow = [
  workflowId: string,
  runId: string,
  workflowType: string,
  taskQueue: string,
  status: number,
  startKey: number,
  executionTimeMs: number,
  closeKey: number,
  historyLength: number,
  historySizeBytes: number,
  stateTransitionCount: number,
  parentWorkflowId: string | null,
  parentRunId: string | null,
  rootWorkflowId: string | null,
  rootRunId: string | null,
  memo: Uint8Array | null,
  searchAttributes: Uint8Array | null,
];

const noAttributes: ReadonlyMap<string, SearchAttributeValue> = new Map();

function visibilityRow(namespaceId: string, row: ListRow): VisibilityRow {
  return {
    namespaceId,
    workflowId: row[0],
    runId: row[1],
    workflowType: row[2],
    taskQueue: row[3],
    status: row[4],
    startTimeMs: 0 - row[5],
    executionTimeMs: row[6],
    closeTimeMs: row[7] === -OPEN_RUN_CLOSE_TIME_MS ? undefined : 0 - row[7],
    historyLength: row[8],
    historySizeBytes: row[9],
    stateTransitionCount: row[10],
    parentWorkflowId: row[11] ?? '',
    parentRunId: row[12] ?? '',
    rootWorkflowId: row[13] ?? '',
    rootRunId: row[14] ?? '',
    memo: row[15] ?? undefined,
    searchAttributes: noAttributes,
    encodedSearchAttributes: row[16] ?? undefined,
  };
}
