import { compareKeywords, type ListFilter, matchesCondition, OPEN_RUN_CLOSE_TIME_MS } from '@duramesh/visibility';
import { StoreFault } from '../api/store.ts';
import type { CountResult, ListCursor, ListPage, VisibilityRow, VisibilityStore } from '../api/visibility-store.ts';
import { type ListKey, type ListPlan, keyOf, laterKey, planList } from '../sql/visibility-plan.ts';
import { countGroups, cursorOf, fieldOf } from '../visibility-fields.ts';
import { type BucketRow, inOrder, type Position } from './buckets.ts';
import type { Connection } from './connect.ts';
import { placeOf } from './heads.ts';
import { visibilityRow } from './list-entry.ts';
import { BUCKETS } from './schema.ts';
import type { Shards } from './shards.ts';
import type { Stamp } from './stamp.ts';
import { type HeadRow, runs } from './statements.ts';

/** A list or count that would have to look at more runs is refused: Cassandra has no index that could help it. */
const MAX_SCANNED = 100_000;
/** Workflow ids of one filter that are looked up one by one. */
const MAX_WORKFLOWS = 100;

const allBuckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket);

interface EntryRow extends BucketRow {
  readonly close_key: number;
  readonly start_key: number;
  readonly run_id: string;
  readonly partition_id: number | null;
  readonly workflow_id: string | null;
  readonly entry: string | null;
  readonly stamp: Stamp | null;
  readonly sure: Stamp | null;
}

/**
 * Entries lie in the order of lists, in a fixed number of partitions for each namespace. One that nobody has vouched for, or
 * that a commit under way is about to change, is shown as the head of its run says, so a list is never behind a commit.
 */
export class CassandraVisibilityStore implements VisibilityStore {
  readonly #connection: Connection;
  readonly #shards: Shards;

  constructor(connection: Connection, shards: Shards) {
    this.#connection = connection;
    this.#shards = shards;
  }

  async list(
    namespaceId: string,
    filter: ListFilter,
    page: { readonly size: number; readonly after: ListCursor | undefined },
  ): Promise<ListPage> {
    const plan = planList(filter.where);
    const from = page.after ? { ...plan, after: laterKey(plan.after, keyOf(page.after)) } : plan;
    const rows: VisibilityRow[] = [];
    for await (const found of this.#matching(namespaceId, from)) {
      rows.push(...found);
      if (rows.length >= page.size) break;
    }
    const listed = rows.slice(0, page.size);
    const last = listed.at(-1);
    return {
      rows: listed.map(withoutAttributes),
      next: last && listed.length === page.size ? cursorOf(last) : undefined,
    };
  }

  async count(namespaceId: string, filter: ListFilter): Promise<CountResult> {
    const { groupBy } = filter;
    const counts = new Map<string, number>();
    let count = 0;
    for await (const rows of this.#matching(namespaceId, planList(filter.where))) {
      count += rows.length;
      if (groupBy === undefined) continue;
      for (const row of rows) {
        const value = String(fieldOf(row, groupBy)?.value ?? '');
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return { count, groups: groupBy ? countGroups(counts) : [] };
  }

  async listClosedBefore(
    namespaceId: string,
    closeTimeMs: number,
    limit: number,
  ): Promise<readonly { readonly workflowId: string; readonly runId: string }[]> {
    const stretches = inOrder<EntryRow>({
      first: [Number.MAX_SAFE_INTEGER],
      positionOf: (row) => [row.close_key, row.start_key, row.run_id],
      compare: (a, b) => compareKeys(asKey(b), asKey(a)),
      read: async (before, perBucket) => this.#backwards(namespaceId, { closeTimeMs, before, perBucket }),
    });
    const found: { workflowId: string; runId: string }[] = [];
    for await (const rows of stretches) {
      const entries = (await this.#believed(rows)).flat();
      found.push(...entries.map(({ workflowId, runId }) => ({ workflowId, runId })));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** Those the filter matches, in the order of lists, stretch by stretch. */
  async *#matching(namespaceId: string, plan: ListPlan): AsyncGenerator<readonly VisibilityRow[]> {
    const matches = (row: VisibilityRow): boolean => matchesCondition(plan.where, (field) => fieldOf(row, field));
    const workflowIds = workflowsOf(plan);
    if (workflowIds) {
      const rows = await this.#ofWorkflows(namespaceId, workflowIds);
      yield rows.filter((row) => isBehind(row, plan.after) && matches(row)).toSorted(inListOrder);
      return;
    }
    let scanned = 0;
    for await (const rows of this.#stretches(namespaceId, plan)) {
      scanned += rows.length;
      if (scanned > MAX_SCANNED) throw tooMany();
      yield (await this.#believed(rows)).flat().filter(matches);
    }
  }

  #stretches(namespaceId: string, { after, until }: ListPlan): AsyncGenerator<readonly EntryRow[]> {
    return inOrder<EntryRow>({
      first: after,
      positionOf: (row) => [row.close_key, row.start_key, row.run_id],
      compare: (a, b) => compareKeys(asKey(a), asKey(b)),
      read: (from, perBucket) =>
        this.#connection.read({
          query: `SELECT ${COLUMNS} FROM visibility WHERE namespace_id = ? AND bucket IN ?
            AND (close_key, start_key, run_id) > (?, ?, ?) AND (close_key, start_key, run_id) <= (?, ?, ?)
            PER PARTITION LIMIT ?`,
          values: [namespaceId, allBuckets, ...from, ...until, perBucket],
        }),
    });
  }

  async #backwards(
    namespaceId: string,
    { closeTimeMs, before, perBucket }: { closeTimeMs: number; before: Position; perBucket: number },
  ): Promise<readonly EntryRow[]> {
    const first = before.length === 1;
    const upper = first ? '(close_key) < (?)' : '(close_key, start_key, run_id) < (?, ?, ?)';
    const read = (bucket: number): Promise<readonly EntryRow[]> =>
      this.#connection.read({
        query: `SELECT ${COLUMNS} FROM visibility WHERE namespace_id = ? AND bucket = ?
          AND (close_key) >= (?) AND ${upper}
          ORDER BY close_key DESC, start_key DESC, run_id DESC LIMIT ?`,
        values: [namespaceId, bucket, Math.max(0 - closeTimeMs, FIRST_CLOSED), ...before, perBucket],
      });
    return (await Promise.all(allBuckets.map(read))).flat();
  }

  /** Truth from the shard: all runs of these workflows. */
  async #ofWorkflows(namespaceId: string, workflowIds: readonly string[]): Promise<readonly VisibilityRow[]> {
    const read = async (workflowId: string): Promise<readonly VisibilityRow[]> => {
      const key = { namespaceId, workflowId };
      const partition = await this.#shards.find(key);
      if (partition === undefined) return [];
      const heads = await this.#connection.read<HeadRow>(runs.ofWorkflow(partition, key));
      return heads.flatMap(({ entry }) => (entry === null ? [] : [visibilityRow(entry)]));
    };
    return (await Promise.all(workflowIds.map(read))).flat();
  }

  /** What is to be shown for each row: nothing, where it is not, or no longer, the place of its run. */
  #believed(rows: readonly EntryRow[]): Promise<readonly (readonly VisibilityRow[])[]> {
    return Promise.all(
      rows.map(async (row) => {
        if (row.entry === null || row.workflow_id === null || row.partition_id === null) return [];
        if (row.stamp === row.sure) return [visibilityRow(row.entry)];
        const { namespaceId } = visibilityRow(row.entry);
        const key = { namespaceId, workflowId: row.workflow_id, runId: row.run_id };
        const [head] = await this.#connection.read<HeadRow>(runs.head({ partition: row.partition_id, key }));
        if (!head || head.entry === null) return [];
        const place = placeOf(head);
        return place?.closeKey === row.close_key && place.startKey === row.start_key ? [visibilityRow(head.entry)] : [];
      }),
    );
  }
}

const COLUMNS = 'bucket, close_key, start_key, run_id, partition_id, workflow_id, entry, stamp, sure';
/** Open runs stand before it. */
const FIRST_CLOSED = 1 - OPEN_RUN_CLOSE_TIME_MS;

const withoutAttributes = (row: VisibilityRow): VisibilityRow => ({ ...row, searchAttributes: new Map() });

const asKey = (position: Position): ListKey => [
  Number(position[0]),
  Number(position[1] ?? 0),
  String(position[2] ?? ''),
];
const compareKeys = (a: ListKey, b: ListKey): number => a[0] - b[0] || a[1] - b[1] || compareKeywords(a[2], b[2]);
const inListOrder = (a: VisibilityRow, b: VisibilityRow): number => compareKeys(keyOf(cursorOf(a)), keyOf(cursorOf(b)));
const isBehind = (row: VisibilityRow, key: ListKey): boolean => compareKeys(keyOf(cursorOf(row)), key) > 0;

/** The workflow ids one of which every match has, if they are few enough to be looked up. */
function workflowsOf({ drivers }: ListPlan): readonly string[] | undefined {
  const driver = drivers.find(({ field }) => field.kind === 'system' && field.name === 'WorkflowId');
  return driver && driver.values.length <= MAX_WORKFLOWS ? [...new Set(driver.values.map(String))] : undefined;
}

const tooMany = (): StoreFault =>
  new StoreFault(
    'unsupported',
    `this query would look at more than ${MAX_SCANNED} workflows, which Cassandra has no index for: ` +
      'ask for a WorkflowId, or for less by ExecutionStatus or CloseTime',
  );
