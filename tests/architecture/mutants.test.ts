import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { mutants as ofFuzz } from '../fuzz/mutants.ts';
import { mutants } from '../simulation/mutants.ts';

const root = path.join(import.meta.dirname, '..', '..');

for (const { name, file, find } of [...mutants, ...ofFuzz]) {
  void test(`the place for the planted bug is there, once: ${name}`, () => {
    assert.equal(readFileSync(path.join(root, file), 'utf8').split(find).length, 2, file);
  });
}
