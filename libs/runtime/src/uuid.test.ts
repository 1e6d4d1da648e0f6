import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivedUuid, isUuid } from './uuid.ts';

const uuid = '0f6c2a7e-30d4-4c1b-9a52-ffffffffffff';

test('a derived UUID is a UUID and always the same', () => {
  assert.ok(isUuid(derivedUuid(uuid, 5)));
  assert.equal(derivedUuid(uuid, 5), derivedUuid(uuid, 5));
});

test('no two things of one UUID share their derived UUIDs', () => {
  const derived = new Set(Array.from({ length: 1_000 }, (_, n) => derivedUuid(uuid, n)));
  assert.equal(derived.size, 1_000);
});

test('what is no UUID is not taken for one', () => {
  assert.equal(isUuid('nonsense'), false);
  assert.equal(isUuid(''), false);
  assert.ok(isUuid(uuid));
});
