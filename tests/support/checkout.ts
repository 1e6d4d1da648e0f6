import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NotInstalled } from '../../scripts/binaries.ts';

const root = path.join(import.meta.dirname, '..', '..');
const OWN = '@duramesh';

/** The program as it was at another commit, beside the one under test. */
export interface Checkout {
  readonly folder: string;
  /** As git describes it, e.g. its short hash and its subject. */
  readonly name: string;
  remove(): void;
}

/** @throws NotInstalled where the history of the repository is not at hand */
export function checkOut(commit: string): Checkout {
  const named = spawnSync('git', ['log', '-1', '--format=%h %s', commit], { cwd: root, encoding: 'utf8' });
  if (named.status !== 0) throw new NotInstalled(`no commit ${commit} here: clone the repository with its history`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-checkout-'));
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 1e9 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  linkModules(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return { folder, name: named.stdout.trim(), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Foreign packages are those of this checkout, the repository's own ones those of the other. */
function linkModules(from: string, to: string): void {
  mkdirSync(path.join(to, OWN), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== OWN && name !== '.cache') symlinkSync(path.join(from, name), path.join(to, name));
  }
  for (const name of readdirSync(path.join(from, OWN))) {
    const target = readlinkSync(path.join(from, OWN, name));
    if (existsSync(path.resolve(to, OWN, target))) symlinkSync(target, path.join(to, OWN, name));
  }
}
