import assert from 'node:assert/strict';
import test from 'node:test';
import { isBehind, literal, render, sql, valueList } from './literals.ts';

test('texts and bytes become hexadecimal digits, whatever stands in them', () => {
  assert.equal(literal(`é' OR 1=1; --`), `x'c3a927204f5220313d313b202d2d'`);
  assert.equal(literal(Uint8Array.of(0, 39, 92, 255).subarray(1)), `x'275cff'`);
  assert.equal(literal(''), `x''`);
  assert.equal(literal(null), 'NULL');
});

test('whole numbers are digits and fractions have an exponent, so that none becomes a decimal', () => {
  assert.deepEqual([5, -7, -0, 2.5, 1e21, 1_700_000_000_000.123].map(literal), [
    '5',
    '-7',
    '0',
    '2.5e+0',
    '1e+21',
    '1.700000000000123e+12',
  ]);
  assert.throws(() => literal(Number.NaN), /finite/);
});

test('a list without values is one that nothing is in', () => {
  assert.equal(render(sql`a IN (${valueList([1, 'b'])}) OR b IN (${valueList([])})`), `a IN (1, x'62') OR b IN (NULL)`);
});

test('a position in an index is compared column by column', () => {
  assert.equal(render(isBehind(['a', 'b'], [1, 2])), '(a > 1 OR (a = 1 AND b > 2))');
});
