import assert from 'node:assert/strict';
import test from 'node:test';
import { missingEntries } from './lock.ts';

const tool = { version: '1.0.0', dev: true };

test('a build for another platform that the registry lacks gets an entry that only that platform installs', () => {
  const packages = {
    'node_modules/tool': {
      ...tool,
      optionalDependencies: { '@tool/linux-x64-musl': '1.0.0', '@tool/win32-arm64-msvc': '^1.0.0' },
    },
  };
  assert.deepEqual(missingEntries(packages), {
    'node_modules/@tool/linux-x64-musl': {
      version: '1.0.0',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@tool/win32-arm64-msvc': {
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['win32'],
    },
  });
});

test('an optional package that has an entry, nested or not, is left alone', () => {
  const optionalDependencies = { a: '1.0.0', b: '1.0.0' };
  const packages = {
    'node_modules/tool': { ...tool, optionalDependencies },
    'node_modules/a': {},
    'node_modules/tool/node_modules/b': {},
  };
  assert.deepEqual(missingEntries(packages), {});
});

test('an optional package whose name tells no platform is an error, not a guess', () => {
  const packages = { 'node_modules/tool': { ...tool, optionalDependencies: { mystery: '1.0.0' } } };
  assert.throws(() => missingEntries(packages), /mystery/);
});
