import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..', '..');
const files = globSync(['libs/bus/src/**/*.test.ts', 'tests/conformance/bus/*.ts', 'tests/sdk/*.test.ts'], {
  cwd: root,
});

void test('every rule of the bus names a test, and every test it names is there', () => {
  const sources = files.map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n');
  const rows = readFileSync(path.join(root, 'libs/bus/RULES.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Rule '));
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const titles = [...row.matchAll(/`([^`]+)`/g)].map(([, title = '']) => title);
    assert.ok(titles.length > 0, row);
    for (const title of titles) assert.ok(sources.includes(`'${title}'`), `no test is called "${title}"`);
  }
});
