import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesCondition } from './evaluate.ts';
import type { Condition, Field, Scalar, SearchAttributeType, SearchAttributeValue } from './list-filter.ts';
import { parseListFilter } from './parse-list-filter.ts';

const custom = {
  AText: 'Text',
  AKeyword: 'Keyword',
  AnInt: 'Int',
  ADouble: 'Double',
  ABool: 'Bool',
  ADatetime: 'Datetime',
  AList: 'KeywordList',
} as const;
const customAttributes = new Map<string, SearchAttributeType>(Object.entries(custom));
const fields: readonly Field[] = [
  ...Object.entries(custom).map(([name, type]): Field => ({ kind: 'attribute', name, type })),
  { kind: 'system', name: 'WorkflowId', type: 'Keyword' },
  { kind: 'system', name: 'ExecutionStatus', type: 'Keyword' },
  { kind: 'system', name: 'CloseTime', type: 'Datetime' },
  { kind: 'system', name: 'ExecutionDuration', type: 'Int' },
];

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const isStatus = (field: Field): boolean => field.name === 'ExecutionStatus';
const keyword = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'grapheme', maxLength: 6 }));
const words = fc
  .array(fc.constantFrom('quick', 'brown', 'fox'), { minLength: 1, maxLength: 3 })
  .map((list) => list.join(' '));
const int = fc.integer({ min: -3, max: 3 });

function scalarFor(field: Field): fc.Arbitrary<Scalar> {
  if (isStatus(field)) return fc.integer({ min: 1, max: 8 });
  switch (field.type) {
    case 'Text':
      return words;
    case 'Keyword':
    case 'KeywordList':
      return keyword;
    case 'Bool':
      return fc.boolean();
    case 'Double':
      return fc
        .oneof(int, fc.double({ noDefaultInfinity: true, noNaN: true }))
        .map((value) => (value === 0 ? 0 : value));
    default:
      return int;
  }
}

const orderable = fields.filter(({ type }) => !['Text', 'KeywordList', 'Bool'].includes(type));
const strings = fields.filter((field) => field.type === 'Keyword' && !isStatus(field));

const compare = fc.constantFrom(...fields).chain((field) => {
  const order = orderable.includes(field) ? (['<', '<=', '>', '>='] as const) : [];
  const operator = fc.constantFrom('=' as const, '!=' as const, ...order);
  return record({
    kind: fc.constant('compare' as const),
    field: fc.constant(field),
    operator,
    value: scalarFor(field),
  });
});
const within = fc.constantFrom(...fields.filter(({ type }) => type !== 'Text')).chain((field) =>
  record({
    kind: fc.constant('in' as const),
    field: fc.constant(field),
    negated: fc.boolean(),
    values: fc.array(scalarFor(field), { minLength: 1, maxLength: 3 }),
  }),
);
const between = fc.constantFrom(...orderable).chain((field) =>
  record({
    kind: fc.constant('between' as const),
    field: fc.constant(field),
    negated: fc.boolean(),
    low: scalarFor(field),
    high: scalarFor(field),
  }),
);
const startsWith = record({
  kind: fc.constant('startsWith' as const),
  field: fc.constantFrom(...strings),
  negated: fc.boolean(),
  prefix: keyword,
});
const isNull = record({
  kind: fc.constant('isNull' as const),
  field: fc.constantFrom(...fields),
  negated: fc.boolean(),
});

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    compare,
    within,
    between,
    startsWith,
    isNull,
    record({ kind: fc.constant('not' as const), term: tie('condition') }),
    record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

const valueFor = (field: Field): fc.Arbitrary<SearchAttributeValue | undefined> => {
  const value = field.type === 'KeywordList' ? fc.array(keyword, { minLength: 1, maxLength: 3 }) : scalarFor(field);
  const type = isStatus(field) ? 'Int' : field.type;
  return fc.option(
    value.map((it) => ({ type, value: it }) as SearchAttributeValue),
    { nil: undefined },
  );
};
const row = fc.tuple(...fields.map(valueFor)).map((values) => {
  const byName = new Map(fields.map(({ name }, index) => [name, values[index]]));
  return (field: Field) => byName.get(field.name);
});

const quote = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
function print(node: Condition): string {
  const field = 'field' in node ? node.field.name : '';
  const scalar = (value: Scalar): string => {
    if (typeof value === 'string') return quote(value);
    return field === 'ADatetime' || field === 'CloseTime' || field === 'ExecutionDuration'
      ? String(BigInt(Number(value)) * 1_000_000n)
      : String(value);
  };
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.terms.map((term) => `(${print(term)})`).join(` ${node.kind} `);
    case 'not':
      return `NOT (${print(node.term)})`;
    case 'compare':
      return `\`${field}\` ${node.operator} ${scalar(node.value)}`;
    case 'in':
      return `${field} ${node.negated ? 'NOT ' : ''}IN (${node.values.map(scalar).join(', ')})`;
    case 'between':
      return `${field} ${node.negated ? 'NOT ' : ''}BETWEEN ${scalar(node.low)} AND ${scalar(node.high)}`;
    case 'startsWith':
      return `${field} ${node.negated ? 'not ' : ''}starts_with ${scalar(node.prefix)}`;
    default:
      return `${field} IS ${node.negated ? 'NOT ' : ''}NULL`;
  }
}

test('parsing what was printed gives the same condition', () => {
  fc.assert(
    fc.property(condition, (ast) => {
      const result = parseListFilter(print(ast), { customAttributes, forCount: false });
      assert.ok(result.ok, result.ok ? '' : result.message);
      const { where } = result.filter;
      assert.deepEqual(where?.kind === 'and' ? where.terms[0] : undefined, ast);
    }),
    { numRuns: 300 },
  );
});

test('any text is either parsed or refused with a message', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'WorkflowId',
      "'x'",
      '(',
      ')',
      'AND',
      'OR',
      'NOT',
      '=',
      'IN',
      'IS',
      'NULL',
      '1',
      '-',
      '`',
      "'",
      ',',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const result = parseListFilter(pieces.join(' '), { customAttributes, forCount: true });
      assert.ok(result.ok || /^invalid query: \S/.test(result.message));
    }),
    { numRuns: 300 },
  );
});

const not = (term: Condition): Condition => ({ kind: 'not', term });

test('a condition and its negation never both match, and negating twice changes nothing', () => {
  fc.assert(
    fc.property(condition, row, (ast, lookup) => {
      const matches = matchesCondition(ast, lookup);
      if (matches) assert.equal(matchesCondition(not(ast), lookup), false);
      assert.equal(matchesCondition(not(not(ast)), lookup), matches);
    }),
    { numRuns: 300 },
  );
});

test('the laws of De Morgan hold with nulls too', () => {
  fc.assert(
    fc.property(condition, condition, row, (left, right, lookup) => {
      assert.equal(
        matchesCondition(not({ kind: 'and', terms: [left, right] }), lookup),
        matchesCondition({ kind: 'or', terms: [not(left), not(right)] }, lookup),
      );
    }),
    { numRuns: 300 },
  );
});

test('in is a chain of equalities and between a pair of comparisons', () => {
  fc.assert(
    fc.property(within, between, row, (among, range, lookup) => {
      const equalities = among.values.map((value): Condition => ({
        kind: 'compare',
        field: among.field,
        operator: '=',
        value,
      }));
      const chain: Condition = { kind: 'or', terms: equalities };
      assert.equal(matchesCondition(among, lookup), matchesCondition(among.negated ? not(chain) : chain, lookup));
      const { field, low, high } = range;
      const pair: Condition = {
        kind: 'and',
        terms: [
          { kind: 'compare', field, operator: '>=', value: low },
          { kind: 'compare', field, operator: '<=', value: high },
        ],
      };
      assert.equal(matchesCondition(range, lookup), matchesCondition(range.negated ? not(pair) : pair, lookup));
    }),
    { numRuns: 300 },
  );
});

test('a field that is not set matches only IS NULL, except that open runs close later than any time', () => {
  const unset = (): undefined => undefined;
  fc.assert(
    fc.property(fc.oneof(compare, within, between, startsWith), (ast) => {
      fc.pre(ast.field.name !== 'CloseTime');
      assert.equal(matchesCondition(ast, unset) || matchesCondition(not(ast), unset), false);
      assert.equal(matchesCondition({ kind: 'isNull', field: ast.field, negated: false }, unset), true);
    }),
  );
  const field: Field = { kind: 'system', name: 'CloseTime', type: 'Datetime' };
  assert.equal(matchesCondition({ kind: 'compare', field, operator: '>', value: 4e12 }, unset), true);
});
