import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type LoggerOptions } from './logger.ts';

const capture = (options: Partial<LoggerOptions> = {}) => {
  const lines: string[] = [];
  const sink = { write: (line: string): void => void lines.push(line) };
  return { lines, logger: createLogger({ level: 'info', format: 'json', sink, ...options }) };
};
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a line is one JSON object with level, ISO time, fields and message', () => {
  const { lines, logger } = capture({ fields: { node: 'a' } });
  logger.child({ service: 'history' }).info({ shard: 7 }, 'Took a shard.');
  assert.equal(lines.length, 1);
  const { time, ...line } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(line, { level: 'info', node: 'a', service: 'history', shard: 7, msg: 'Took a shard.' });
});

test('lines below the level are dropped', () => {
  const { lines, logger } = capture({ level: 'warn' });
  logger.debug({}, 'no');
  logger.info({}, 'no');
  logger.warn({}, 'yes');
  logger.error({}, 'yes');
  assert.equal(lines.length, 2);
});

test('a traceparent is written as the id of its trace, a malformed one not at all', () => {
  const { lines, logger } = capture();
  logger.info({ traceparent }, 'in a field');
  logger.child({ traceparent }).warn({}, 'in a child');
  logger.info({ traceparent: 'nonsense' }, 'malformed');
  const ids = lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['trace_id']);
  assert.deepEqual(ids, ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319c', undefined]);
  assert.ok(lines.every((line) => !line.includes('traceparent')));
});

test('a line that names no trace is of the one that runs now', () => {
  let current = '';
  const { lines, logger } = capture({ traceparent: () => current });
  logger.info({}, 'outside');
  current = traceparent;
  logger.child({ service: 'history' }).info({}, 'inside');
  const ids = lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['trace_id']);
  assert.deepEqual(ids, [undefined, '0af7651916cd43dd8448eb211c80319c']);
});

test('an error keeps its message, stack and cause', () => {
  const { lines, logger } = capture();
  logger.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'Failed.');
  const { error } = JSON.parse(lines[0] ?? '') as { error: Record<string, string> };
  assert.match(error['message'] ?? '', /outer/);
  assert.match(error['stack'] ?? '', /inner/);
});

test('text is for people: clock, level, message, fields, and the stack below', () => {
  const { lines, logger } = capture({ format: 'text' });
  logger.info({ shard: 7, name: 'two words' }, 'Took a shard.');
  logger.error({ error: new Error('broken') }, 'Failed.');
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} INFO  Took a shard\. {2}shard=7 name="two words"\n$/);
  assert.match(lines[1] ?? '', /ERROR Failed\. {2}error=broken\nError: broken\n +at /);
});
