import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@duramesh/runtime';
import { childSpan, formatTraceparent, parseTraceparent, startTrace } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a header is read and written back', () => {
  const context = parseTraceparent(`00-${traceId}-${spanId}-01`);
  assert.deepEqual(context, { traceId, spanId, sampled: true });
  assert.equal(context && formatTraceparent(context), `00-${traceId}-${spanId}-01`);
  assert.equal(parseTraceparent(`00-${traceId}-${spanId}-00`)?.sampled, false);
  assert.equal(parseTraceparent(`cc-${traceId}-${spanId}-01-later`)?.traceId, traceId);
});

test('malformed headers are no trace', () => {
  const headers = [
    undefined,
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
  ];
  for (const header of headers) assert.equal(parseTraceparent(header), undefined, String(header));
});

test('a child stays in the trace and has a span of its own; ids are valid even from poor chance', () => {
  const random = seededRandom(1);
  const root = startTrace(random, true);
  const child = childSpan(root, random);
  assert.equal(child.traceId, root.traceId);
  assert.notEqual(child.spanId, root.spanId);
  const poor = parseTraceparent(formatTraceparent(startTrace({ next: () => 0 }, false)));
  assert.equal(poor?.sampled, false);
});
