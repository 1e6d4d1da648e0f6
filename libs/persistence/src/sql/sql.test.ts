import assert from 'node:assert/strict';
import test from 'node:test';
import { join, plain, type Sql, sql, textOf } from './sql.ts';

const numbered = (piece: Sql<unknown>): string => textOf(piece, (number) => `$${number}`);

test('pieces nest, and their values keep the order of their placeholders', () => {
  const inner: Sql<unknown> = sql`b = ${2} AND c = ${3}`;
  const outer: Sql<unknown> = sql`SELECT ${plain('x')} WHERE a = ${1} AND (${inner}) LIMIT ${4}`;
  assert.equal(numbered(outer), 'SELECT x WHERE a = $1 AND (b = $2 AND c = $3) LIMIT $4');
  assert.deepEqual(outer.values, [1, 2, 3, 4]);
  assert.equal(
    textOf(outer, () => '?'),
    'SELECT x WHERE a = ? AND (b = ? AND c = ?) LIMIT ?',
  );
});

test('joined pieces are separated, also those without values and none at all', () => {
  const pieces: Sql<unknown>[] = [plain('now()'), sql`${1}`, sql`f(${2}, ${3})`, plain('1')];
  assert.equal(numbered(join(pieces, ', ')), 'now(), $1, f($2, $3), 1');
  assert.deepEqual(join(pieces, ', ').values, [1, 2, 3]);
  assert.equal(numbered(join([], ', ')), '');
});

test('what a caller says is a value, whatever it looks like', () => {
  const evil = `'; DROP TABLE visibility; --`;
  const piece = sql<unknown>`SELECT ${evil}, ${{ parts: 1 }.parts}, ${[1, 2]}, ${null}`;
  assert.equal(numbered(piece), 'SELECT $1, $2, $3, $4');
  assert.deepEqual(piece.values, [evil, 1, [1, 2], null]);
});
