import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { DataInUse, lockData } from './data-lock.ts';

test('one server alone keeps all others out, those that share let each other in', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-lock-'));
  const file = path.join(folder, 'data.sqlite');
  try {
    const alone = lockData(file, 'alone');
    assert.throws(() => lockData(file, 'alone'), DataInUse);
    assert.throws(() => lockData(file, 'shared'), DataInUse);
    alone.release();
    const sharing = [lockData(file, 'shared'), lockData(file, 'shared')];
    assert.throws(() => lockData(file, 'alone'), DataInUse);
    for (const lock of sharing) lock.release();
    lockData(file, 'alone').release();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
