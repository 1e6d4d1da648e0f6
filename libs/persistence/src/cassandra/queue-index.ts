import { compareKeywords } from '@duramesh/visibility';
import type { DueRun, ExecutionKey } from '../api/execution-store.ts';
import { type BucketRow, inOrder, type Position } from './buckets.ts';
import type { Connection } from './connect.ts';
import type { Lanes } from './lanes.ts';
import { behind, rangeIdOf, type Stamp } from './stamp.ts';
import { bucketsOf, type HeadRow, hints, type HintPlace, runs } from './statements.ts';
import type { Tidier } from './tidier.ts';
import type { WakeFloor } from './wake-floor.ts';

export interface IndexContext {
  readonly connection: Connection;
  readonly lanes: Lanes;
  readonly tidier: Tidier;
  readonly floor: WakeFloor;
}

interface IndexRow extends BucketRow {
  readonly namespace_id: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly partition_id: number;
  readonly stamp: Stamp;
}

interface WakeRow extends IndexRow {
  readonly wake_at: number;
}

/** An entry, and the head of its run if there is one. */
interface Held<Row extends IndexRow> {
  readonly row: Row;
  readonly head: HeadRow | undefined;
}

/** Sorts behind every namespace id. */
const AFTER_ALL = '\u{10ffff}';

const KEY = 'namespace_id, workflow_id, run_id';
const COLUMNS = `bucket, ${KEY}, partition_id, stamp`;

/** Runs with outstanding work, in the order of their keys. */
export class OutstandingIndex {
  readonly #context: IndexContext;

  constructor(context: IndexContext) {
    this.#context = context;
  }

  async read(shards: readonly number[], after: DueRun | undefined, limit: number): Promise<readonly DueRun[]> {
    const buckets = bucketsOf(shards);
    if (buckets.length === 0) return [];
    const stretches = inOrder<IndexRow>({
      first: after ? positionOf(after.key) : ['', '', ''],
      positionOf: (row) => positionOf(keyOf(row)),
      compare,
      read: (from, perBucket) =>
        this.#context.connection.read({
          query: `SELECT ${COLUMNS} FROM outstanding WHERE bucket IN ? AND (${KEY}) > (?, ?, ?) PER PARTITION LIMIT ?`,
          values: [buckets, ...from, perBucket],
        }),
    });
    const found: DueRun[] = [];
    for await (const rows of stretches) {
      const { held, stale } = await holdAgainstHeads(this.#context.connection, { rows, shards }, isOutstanding);
      found.push(...held.map(dueRun));
      this.#tidy(stale);
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** A commit of this process may count on an entry that it wrote under its lease: only those of former owners can go. */
  #tidy(stale: readonly Held<IndexRow>[]): void {
    const { lanes, tidier } = this.#context;
    const former = stale.filter(({ row }) => isFormer(row, lanes));
    tidier.add(former.map(({ row }) => hints.dropOutstanding(placeOf(row))));
  }
}

/** Runs with a time to be woken at, earliest first. */
export class WakeIndex {
  readonly #context: IndexContext;

  constructor(context: IndexContext) {
    this.#context = context;
  }

  async read(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    const buckets = bucketsOf(shards);
    if (buckets.length === 0) return [];
    const { floor, lanes, connection } = this.#context;
    const scan = floor.begin(shards, lanes.acquisitions);
    const found: DueRun[] = [];
    for (const [fromMs, toMs] of scan.windows(untilMs)) {
      for await (const rows of this.#stretches(buckets, { fromMs, toMs })) {
        const { held, stale } = await holdAgainstHeads(connection, { rows, shards }, isWakeOf);
        found.push(...held.map(dueRun));
        this.#tidy(stale);
        if (found.length >= limit) break;
      }
      if (found.length >= limit) break;
    }
    scan.end(found[0]?.wakeAtMs ?? untilMs);
    return found.slice(0, limit);
  }

  #stretches(buckets: readonly number[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
    return inOrder<WakeRow>({
      first: [fromMs, AFTER_ALL, '', ''],
      positionOf: (row) => [row.wake_at, ...positionOf(keyOf(row))],
      compare,
      read: (from, perBucket) =>
        this.#context.connection.read({
          query: `SELECT ${COLUMNS}, wake_at FROM wakes
            WHERE bucket IN ? AND (wake_at, ${KEY}) > (?, ?, ?, ?) AND (wake_at) <= (?) PER PARTITION LIMIT ?`,
          values: [buckets, ...from, toMs, perBucket],
        }),
    });
  }

  /** Of this process, only those can go whose commit is decided: a later batch has been stored. */
  #tidy(stale: readonly Held<WakeRow>[]): void {
    const { lanes, tidier } = this.#context;
    const decided = stale.filter(({ row, head }) => isFormer(row, lanes) || (head?.batch_stamp ?? 0n) > row.stamp);
    tidier.add(decided.map(({ row }) => hints.dropWake(placeOf(row), row.wake_at)));
  }
}

/**
 * Entries are written ahead of the commits that call for them and removed some time after those that do not: one too many
 * does no harm, since none is believed before it was held against the head of its run.
 */
async function holdAgainstHeads<Row extends IndexRow>(
  connection: Connection,
  { rows, shards }: { readonly rows: readonly Row[]; readonly shards: readonly number[] },
  isTrue: (row: Row, head: HeadRow) => boolean,
): Promise<{ readonly held: readonly Held<Row>[]; readonly stale: readonly Held<Row>[] }> {
  const wanted = new Set(shards);
  const read = async (row: Row): Promise<Held<Row>> => {
    const [head] = await connection.read<HeadRow>(runs.head({ partition: row.partition_id, key: keyOf(row) }));
    return { row, head };
  };
  const all = await Promise.all(rows.filter((row) => wanted.has(row.partition_id)).map(read));
  const holds = ({ row, head }: Held<Row>): boolean => head !== undefined && isTrue(row, head);
  return { held: all.filter(holds), stale: all.filter((entry) => !holds(entry)) };
}

const isOutstanding = (_row: IndexRow, head: HeadRow): boolean => head.outstanding === true;
const isWakeOf = (row: WakeRow, head: HeadRow): boolean => head.version !== null && head.wake_at === row.wake_at;
const isFormer = (row: IndexRow, lanes: Lanes): boolean =>
  rangeIdOf(row.stamp) < lanes.rangeId({ kind: 'history', partition: row.partition_id });

const keyOf = (row: IndexRow): ExecutionKey => ({
  namespaceId: row.namespace_id,
  workflowId: row.workflow_id,
  runId: row.run_id,
});

const positionOf = (key: ExecutionKey): Position => [key.namespaceId, key.workflowId, key.runId];
const placeOf = (row: IndexRow): HintPlace => ({
  partition: row.partition_id,
  key: keyOf(row),
  stamp: behind(row.stamp),
});

const dueRun = ({ row, head }: Held<IndexRow>): DueRun => ({
  key: keyOf(row),
  partition: row.partition_id,
  wakeAtMs: head?.wake_at ?? 0,
});

function compare(a: Position, b: Position): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? '';
    const order = typeof left === 'number' ? left - Number(right) : compareKeywords(left, String(right));
    if (order !== 0) return order;
  }
  return 0;
}
