import assert from 'node:assert/strict';
import test from 'node:test';
import { RowSet, Rows } from './row-set.ts';
import { Blobs, rowTypes, storable, textArray } from './values.ts';

const TEXT = 25;

test('an array of texts is quoted so that no text can end it', () => {
  assert.equal(textArray(['a', null, 'NULL', '{"x",\\}', '']), '{"a",NULL,"NULL","{\\"x\\",\\\\}",""}');
  assert.equal(textArray([]), '{}');
});

test('a NUL, which the database has no place for, comes back from what is stored in its place', () => {
  const stored = storable('a\0b');
  assert.equal(stored.includes('\0'), false);
  assert.equal(rowTypes.getTypeParser(TEXT)(stored), 'a\0b');
});

test('rows become one array for each column, and their bytes one parameter', () => {
  const set = new RowSet({ w: 'int4', name: 'text', data: 'blob' }, 2);
  assert.equal(
    set.from,
    'unnest($2::int4[], $3::text[], $4::int4[], $5::int4[]) WITH ORDINALITY AS i (w, name, data_at, data_length, n)',
  );
  assert.equal(set.nextParameter, 6);
  const blobs = new Blobs();
  const rows = new Rows(set, blobs);
  assert.equal(rows.add({ w: 1, name: 'a', data: Uint8Array.of(1, 2) }), 1);
  assert.equal(rows.add({ w: 1, name: null, data: undefined }), 2);
  assert.equal(rows.add({ w: 2, name: 'c', data: Uint8Array.of(3) }), 3);
  assert.deepEqual(rows.parameters(), ['{1,1,2}', '{"a",NULL,"c"}', '{1,1,3}', '{2,-1,1}']);
  assert.deepEqual([...blobs.bytes()], [1, 2, 3]);
});
