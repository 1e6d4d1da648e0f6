import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { isInstalled, isStamped, stampInstall } from './launch.mjs';

type Versions = Readonly<
  Record<string, { readonly version?: string; readonly optional?: boolean; readonly link?: boolean }>
>;

/** A repository whose lock file wants some packages, and whose node_modules has some. */
function repository(t: TestContext, { wanted, installed }: { wanted: Versions; installed?: Versions }): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'duramesh-launch-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (installed) {
    mkdirSync(path.join(root, 'node_modules'));
    writeFileSync(path.join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
  }
  return root;
}

const pino = (version: string): Versions => ({ 'node_modules/pino': { version } });

test('a fresh clone is neither stamped nor installed', (t) => {
  const root = repository(t, { wanted: pino('1.0.0') });
  assert.deepEqual([isStamped(root), isInstalled(root)], [false, false]);
});

test('a stamp holds until the lock file changes', (t) => {
  const root = repository(t, { wanted: pino('1.0.0'), installed: pino('1.0.0') });
  stampInstall(root);
  assert.equal(isStamped(root), true);
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: pino('2.0.0') }));
  assert.deepEqual([isStamped(root), isInstalled(root)], [false, false]);
});

test('packages that somebody installed without the launcher count', (t) => {
  const wanted = { '': {}, 'libs/bus': { version: '1.0.0' }, ...pino('1.0.0') };
  assert.equal(isInstalled(repository(t, { wanted, installed: pino('1.0.0') })), true);
  assert.equal(isInstalled(repository(t, { wanted, installed: {} })), false);
});

test('an optional package may be absent, at another version it may not', (t) => {
  const wanted = { 'node_modules/fast': { version: '1.0.0', optional: true } };
  assert.equal(isInstalled(repository(t, { wanted, installed: {} })), true);
  assert.equal(isInstalled(repository(t, { wanted, installed: { 'node_modules/fast': { version: '2.0.0' } } })), false);
});

test('a program run through the launcher is the main program, with its arguments and its exit code', (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-launch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, 'program.ts');
  const tell =
    'const said: string[] = process.argv.slice(2);\nconsole.log(import.meta.main, said.join(" "));\nprocess.exitCode = 7;\n';
  writeFileSync(program, tell);
  const run = path.join(import.meta.dirname, 'run.mjs');
  const { status, stdout } = spawnSync(process.execPath, [run, program, '--port', '1'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [7, 'true --port 1\n']);
});
