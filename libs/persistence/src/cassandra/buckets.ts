/** A place in the order of an index. */
export type Position = readonly (number | string)[];

export interface BucketRow {
  readonly bucket: number;
}

export interface BucketReading<Row extends BucketRow> {
  readonly first: Position;
  /** Rows behind a position in each bucket, in their order, no more than the limit of each. */
  read(after: Position, limitPerBucket: number): Promise<readonly Row[]>;
  positionOf(row: Row): Position;
  compare(a: Position, b: Position): number;
}

const FIRST_STRETCH = 32;
const LONGEST_STRETCH = 1_024;

/**
 * Rows of an index that lies in several partitions, in their common order, stretch by stretch: as far as every partition
 * has been read. Each stretch is one query; they grow as long as more is wanted.
 */
export async function* inOrder<Row extends BucketRow>(reading: BucketReading<Row>): AsyncGenerator<readonly Row[]> {
  let after = reading.first;
  for (let limit = FIRST_STRETCH; ; limit = Math.min(limit * 2, LONGEST_STRETCH)) {
    const rows = await reading.read(after, limit);
    const edge = edgeOf(reading, rows, limit);
    const byPosition = (a: Row, b: Row): number => reading.compare(reading.positionOf(a), reading.positionOf(b));
    const whole = edge ? rows.filter((row) => reading.compare(reading.positionOf(row), edge) <= 0) : rows;
    yield whole.toSorted(byPosition);
    if (edge === undefined) return;
    after = edge;
  }
}

/** The first of the places where a partition has more than was read of it. */
function edgeOf<Row extends BucketRow>(
  reading: BucketReading<Row>,
  rows: readonly Row[],
  limit: number,
): Position | undefined {
  const read = new Map<number, { count: number; last: Position }>();
  for (const row of rows)
    read.set(row.bucket, { count: (read.get(row.bucket)?.count ?? 0) + 1, last: reading.positionOf(row) });
  const edges = [...read.values()].filter(({ count }) => count >= limit).map(({ last }) => last);
  return edges.toSorted((a, b) => reading.compare(a, b))[0];
}
