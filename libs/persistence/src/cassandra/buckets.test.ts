import assert from 'node:assert/strict';
import test from 'node:test';
import { inOrder, type Position } from './buckets.ts';

interface Row {
  readonly bucket: number;
  readonly at: number;
}

/** All that is read of partitions with these rows, and how many queries it takes. */
async function readAll(buckets: readonly (readonly number[])[]): Promise<{ found: number[]; queries: number }> {
  let queries = 0;
  const stretches = inOrder<Row>({
    first: [-1],
    positionOf: ({ at }) => [at],
    compare: (a: Position, b: Position) => Number(a[0]) - Number(b[0]),
    async read([after], limit) {
      queries += 1;
      return buckets.flatMap((all, bucket) =>
        all
          .filter((at) => at > Number(after))
          .slice(0, limit)
          .map((at) => ({ bucket, at })),
      );
    },
  });
  const found: number[] = [];
  for await (const rows of stretches) found.push(...rows.map(({ at }) => at));
  return { found, queries };
}

test('rows of many partitions come in their common order, each once', async () => {
  const buckets = [0, 1, 2].map((bucket) => Array.from({ length: 500 * bucket }, (_, i) => i * 3 + bucket));
  const { found, queries } = await readAll(buckets);
  assert.deepEqual(
    found,
    buckets.flat().toSorted((a, b) => a - b),
  );
  assert.ok(queries < 12, `${queries} queries`);
});

test('an index that has little or nothing is read with one query', async () => {
  assert.deepEqual(await readAll([]), { found: [], queries: 1 });
  assert.deepEqual(await readAll([[5], [3, 9]]), { found: [3, 5, 9], queries: 1 });
});
