import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePageToken, encodePageToken } from './cursor.ts';
import type { SearchAttributeType, SearchAttributeValue } from './list-filter.ts';
import {
  decodeSearchAttributes,
  defaultSearchAttributeLimits,
  encodeSearchAttributes,
  type IndexedFields,
  showSearchAttributes,
  validateSearchAttributes,
} from './search-attributes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (text: string): IndexedFields[string] => ({
  metadata: { encoding: bytes('json/plain') },
  data: bytes(text),
});
const customAttributes = new Map<string, SearchAttributeType>([
  ['K', 'Keyword'],
  ['T', 'Text'],
  ['I', 'Int'],
  ['D', 'Double'],
  ['B', 'Bool'],
  ['W', 'Datetime'],
  ['L', 'KeywordList'],
]);
const validate = (fields: IndexedFields, limits = defaultSearchAttributeLimits): string | undefined =>
  validateSearchAttributes(fields, { namespace: 'default', customAttributes, limits });
const decode = (name: string, text: string): unknown =>
  decodeSearchAttributes({ [name]: json(text) }, customAttributes).get(name)?.value;

test('values are read as the registered type', () => {
  assert.equal(decode('K', '"k"'), 'k');
  assert.equal(decode('I', ' 5 '), 5);
  assert.equal(decode('D', '5'), 5);
  assert.equal(decode('B', 'true'), true);
  assert.equal(decode('W', '"2024-01-01T00:00:00.5Z"'), 1_704_067_200_500);
  assert.deepEqual(decode('L', '["a","b"]'), ['a', 'b']);
  assert.equal(decode('K', '["only"]'), 'only');
  assert.equal(decode('K', '["first","second"]'), 'first');
});

test('null, an empty list and no payload are unset', () => {
  for (const name of customAttributes.keys()) {
    for (const text of ['null', '[]']) {
      assert.equal(validate({ [name]: json(text) }), undefined);
      assert.equal(decode(name, text), undefined);
    }
    assert.equal(validate({ [name]: { metadata: { encoding: bytes('binary/null') } } }), undefined);
  }
});

test('a value of another type is refused with the value', () => {
  const refused = (name: string, text: string): string | undefined => validate({ [name]: json(text) });
  const value = (type: string, name: string, shown: string): string =>
    `invalid value for search attribute ${name} of type ${type}: ${shown}`;
  assert.equal(refused('I', '"word"'), value('Int', 'I', 'word'));
  assert.equal(refused('I', '1.5'), value('Int', 'I', '1.5'));
  assert.equal(refused('I', '"5"'), value('Int', 'I', '5'));
  assert.equal(refused('B', '"yes"'), value('Bool', 'B', 'yes'));
  assert.equal(refused('W', '"yesterday"'), value('Datetime', 'W', 'yesterday'));
  assert.equal(refused('L', '"single"'), value('KeywordList', 'L', 'single'));
  assert.equal(refused('L', '["a",1,true]'), value('KeywordList', 'L', '[a 1 true]'));
  assert.equal(refused('K', '{"b":1,"a":null}'), value('Keyword', 'K', 'map[a:<nil> b:1]'));
  assert.equal(refused('K', '1e30'), value('Keyword', 'K', '1e+30'));
  assert.match(validate({ K: { data: bytes('"x"') } }) ?? '', /^invalid value for search attribute K of type Keyword/);
});

test('names are refused that are unknown, of the system, or for the server alone', () => {
  assert.equal(
    validate({ Unheard: json('1') }),
    'Namespace default has no mapping defined for search attribute Unheard',
  );
  assert.equal(validate({ WorkflowId: json('"x"') }), "WorkflowId attribute can't be set in SearchAttributes");
  assert.equal(
    validate({ TemporalWorkerDeployment: json('"x"') }),
    "TemporalWorkerDeployment attribute can't be set in SearchAttributes",
  );
  assert.equal(validate({ BuildIds: json('["x"]'), TemporalChangeVersion: json('["y"]') }), undefined);
});

test('number and sizes are bounded', () => {
  assert.equal(
    validate({ K: json('"a"'), I: json('1') }, { ...defaultSearchAttributeLimits, maxKeys: 1 }),
    'number of search attributes 2 exceeds limit 1',
  );
  assert.equal(
    validate({ K: json(`"${'x'.repeat(2100)}"`) }),
    'search attribute K value size 2102 exceeds size limit 2048',
  );
  // tag 1 + length 1 + (key: 1+1+1, value: 1+1+(metadata entry: 1+1+(1+1+8+1+1+10), data: 1+1+3))
  assert.equal(
    validate({ K: json('"a"') }, { ...defaultSearchAttributeLimits, maxTotalBytes: 35 }),
    'total size of search attributes 36 exceeds size limit 35',
  );
});

test('shown attributes carry their type, whatever form it came in, and unknown ones are left out', () => {
  const sent = { ...json('5'), metadata: { encoding: bytes('json/plain'), type: bytes('INDEXED_VALUE_TYPE_INT') } };
  const shown = showSearchAttributes({ I: sent, Gone: json('1') }, customAttributes);
  assert.deepEqual(Object.keys(shown), ['I']);
  assert.deepEqual(shown['I']?.metadata?.['type'], bytes('Int'));
  assert.deepEqual(shown['I']?.data, bytes('5'));
});

test('what is encoded is decoded to the same values', () => {
  const value = fc.record({
    K: fc.string({ unit: 'grapheme' }),
    I: fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)),
    D: fc.double({ noDefaultInfinity: true, noNaN: true }).map((n) => (n === 0 ? 0 : n)),
    B: fc.boolean(),
    W: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    L: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
  });
  fc.assert(
    fc.property(value, (values) => {
      const typed = Object.entries(values).map(
        ([name, it]) => [name, { type: customAttributes.get(name), value: it } as SearchAttributeValue] as const,
      );
      const fields = encodeSearchAttributes(typed);
      assert.deepEqual([...decodeSearchAttributes(fields, customAttributes)], typed);
      assert.deepEqual(showSearchAttributes(fields, customAttributes), fields);
    }),
  );
});

test('a page token gives back its cursor, and other bytes are refused', () => {
  const cursors = [
    { closeTimeMs: undefined, startTimeMs: 1.25, runId: 'r' },
    { closeTimeMs: 2, startTimeMs: 1, runId: 'r' },
  ];
  for (const cursor of cursors) assert.deepEqual(decodePageToken(encodePageToken(cursor)), { ok: true, cursor });
  assert.deepEqual(decodePageToken(new Uint8Array()), { ok: true, cursor: undefined });
  for (const text of ['x', '[1]', '["a",1,"r"]', '[null,1,2]', '{}', '\xff']) {
    assert.deepEqual(decodePageToken(bytes(text)), { ok: false }, text);
  }
});
