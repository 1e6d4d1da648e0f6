import assert from 'node:assert/strict';
import test from 'node:test';
import exceptions from './exceptions.json' with { type: 'json' };
import { sources, type SourceFile } from './workspace.ts';

const MAX_FILE_LINES = 400;
/** Raised by nobody: an exception is a debt with a figure, and the list is to become empty. */
const MAX_EXCEPTIONS = 1;

const lines = ({ text }: SourceFile): number => text.trimEnd().split('\n').length;
// Put together here so that this file does not hold one.
const directive = new RegExp(
  ['oxlint', 'eslint', '@ts'].map((tool) => `${tool}-(disable|ignore|expect-error|nocheck)`).join('|'),
  'g',
);
const directives = ({ text }: SourceFile): number => text.match(directive)?.length ?? 0;

/** Compares what is with what is excused: nothing may be over its figure, and no figure over what is. */
function violations(actual: ReadonlyMap<string, number>, excused: Readonly<Record<string, number>>): readonly string[] {
  const over = [...actual]
    .filter(([file, count]) => count > (excused[file] ?? 0))
    .map(([file, count]) => `${file}: ${count}`);
  const stale = Object.entries(excused)
    .filter(([file, count]) => (actual.get(file) ?? 0) < count)
    .map(
      ([file]) => `${file}: better than its exception, lower it to ${actual.get(file) ?? 'nothing'} in exceptions.json`,
    );
  return [...over, ...stale];
}

function tooLong(): ReadonlyMap<string, number> {
  return new Map(
    sources.map((source) => [source.path, lines(source)] as const).filter(([, count]) => count > MAX_FILE_LINES),
  );
}

test(`no file is longer than ${MAX_FILE_LINES} lines unless it is on the shrinking list`, () => {
  assert.deepEqual(violations(tooLong(), exceptions.fileLines), []);
});

test('no comment silences the linter or the compiler unless it is on the shrinking list', () => {
  const found = sources.map((source) => [source.path, directives(source)] as const).filter(([, count]) => count > 0);
  assert.deepEqual(violations(new Map(found), exceptions.lintDirectives), []);
});

test('the list of exceptions does not grow', () => {
  const count = Object.keys(exceptions.fileLines).length + Object.keys(exceptions.lintDirectives).length;
  assert.ok(count <= MAX_EXCEPTIONS, `${count} exceptions, at most ${MAX_EXCEPTIONS}`);
});

test('the ratchet sees growth, and figures that could be lower', () => {
  assert.deepEqual(violations(new Map([['a.ts', 450]]), {}), ['a.ts: 450']);
  assert.deepEqual(violations(new Map([['a.ts', 450]]), { 'a.ts': 450 }), []);
  assert.equal(violations(new Map([['a.ts', 450]]), { 'a.ts': 460 }).length, 1);
  assert.equal(violations(new Map(), { 'a.ts': 460 }).length, 1);
});
