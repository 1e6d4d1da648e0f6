import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const root = path.join(import.meta.dirname, '..', '..');
const many = (count: number, line: string): string => Array.from({ length: count }, () => line).join('\n');

/** Code that each rule must object to, as a module of the engine. */
const offences: Readonly<Record<string, string>> = {
  'no-restricted-globals Clock': 'export const now = (): number => Date.now();',
  'no-restricted-globals timers': 'export const wait = (f: () => void): unknown => setTimeout(f, 1);',
  'no-restricted-globals Ids': 'export const id = (): string => crypto.randomUUID();',
  'no-restricted-globals process': 'export const env = process.env;',
  'no-restricted-globals Logger': "console.log('hello');",
  'no-restricted-properties Random': 'export const dice = (): number => Math.random();',
  'no-restricted-imports Ids': "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
  'no-restricted-imports Clock': "import { setTimeout } from 'node:timers/promises';\nexport const wait = setTimeout;",
  'no-floating-promises': 'async function later(): Promise<void> {}\nexport function go(): void {\n  later();\n}',
  'no-misused-promises':
    'export function go(f: () => Promise<boolean>): number {\n  if (f()) return 1;\n  return 2;\n}',
  'no-explicit-any': 'export const f = (value: any): unknown => value;',
  'no-non-null-assertion': 'export const f = (value: string | undefined): string => value!;',
  'no-default-export': 'export default 1;',
  'switch-exhaustiveness-check':
    "export function f(value: 'a' | 'b'): void {\n  switch (value) {\n    case 'a':\n      break;\n  }\n}",
  'only-throw-error': "export function f(): never {\n  throw 'x';\n}",
  'max-params': 'export const f = (a: 1, b: 2, c: 3, d: 4): unknown => [a, b, c, d];',
  'max-lines-per-function': `export function f(): void {\n${many(61, '  f();')}\n}`,
  'max-lines': many(401, 'export {};'),
  'max-depth': `export function f(x: boolean): void {\n${many(5, 'if (x) {')}\n  f(x);\n${many(6, '}')}`,
};

let folder = '';

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-lint-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.base.json'])
    copyFileSync(path.join(root, file), path.join(folder, file));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  mkdirSync(path.join(folder, 'libs/engine/src'), { recursive: true });
  const config = { extends: './tsconfig.base.json', compilerOptions: { types: ['node'] }, include: ['libs/**/*.ts'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(folder, 'libs/engine/src', name), `${text}\n`);
  for (const [index, text] of Object.values(offences).entries()) write(`offence-${index}.ts`, text);
  write('round.ts', "import { about } from './about.ts';\nexport const round = (): unknown => about;");
  write('about.ts', "import { round } from './round.ts';\nexport const about = (): unknown => round;");
  write('BadName.ts', 'export const fine = 1;');
  write('good.ts', "export const good = (value: 'a' | 'b'): string => value;");
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('the linter objects to every offence and to nothing else', () => {
  const { stdout } = spawnSync(path.join(root, 'node_modules/.bin/oxlint'), ['-f', 'unix'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const said = stdout.split('\n');
  const about = (name: string): string => said.filter((line) => line.includes(`/${name}:`)).join('\n');
  for (const [index, title] of Object.keys(offences).entries()) {
    assert.ok(
      about(`offence-${index}.ts`).includes(`(${title.split(' ')[0]})`),
      `${title} is not objected to\n${stdout}`,
    );
  }
  assert.match(about('round.ts'), /no-cycle/);
  assert.match(about('BadName.ts'), /filename-case/);
  assert.equal(about('good.ts'), '');
});

test('a ban names the port to use instead', () => {
  const { stdout } = spawnSync(path.join(root, 'node_modules/.bin/oxlint'), [], { cwd: folder, encoding: 'utf8' });
  for (const port of ['Clock', 'Random', 'Ids', 'Logger'])
    assert.ok(stdout.includes(`\`${port}\``), `no ban names ${port}`);
});
