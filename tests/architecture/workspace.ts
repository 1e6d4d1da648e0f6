import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A package of this repository; the root itself is one, with `scripts/` and `bin/` as its sources. */
export interface WorkspacePackage {
  /** Without the scope, e.g. `engine`; `root` for the repository itself. */
  readonly name: string;
  /** Relative to the root, e.g. `libs/engine`; empty for the root. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly owner: WorkspacePackage;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly Import[];
}

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** `import type`: gone at run time. */
  readonly typeOnly: boolean;
  /** `export … from`. */
  readonly reexport: boolean;
}

const scope = '@duramesh/';
const statement = /^\s*(import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\bfrom\s+)?'([^']+)'/gm;
const call = /\b(?:import|require)\(\s*'([^']+)'\s*\)/g;

/** Comments may quote code. Strings are left alone: nothing here spans one. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** The static imports, re-exports, dynamic imports and requires of a module, as far as the formatter's style goes. */
export function importsOf(text: string): readonly Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, keyword, type, specifier = ''] of code.matchAll(statement)) {
    found.push({ specifier, typeOnly: type !== undefined, reexport: keyword === 'export' });
  }
  for (const [, specifier = ''] of code.matchAll(call)) found.push({ specifier, typeOnly: false, reexport: false });
  return found;
}

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

export function glob(...patterns: readonly string[]): readonly string[] {
  const exclude = (file: string): boolean => /(^|[/\\])(node_modules|generated)$/.test(file);
  return globSync(patterns, { cwd: root, exclude })
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
}

function readPackage(manifestPath: string): WorkspacePackage {
  const manifest = JSON.parse(readText(manifestPath)) as Manifest;
  const folder = path.posix.dirname(manifestPath);
  return folder === '.'
    ? { name: 'root', folder: '', manifest }
    : { name: manifest.name.replace(scope, ''), folder, manifest };
}

export const packages: readonly WorkspacePackage[] = glob(
  'package.json',
  'proto/package.json',
  'libs/*/package.json',
  'apps/*/package.json',
  'tests/package.json',
).map(readPackage);

function ownerOf(file: string): WorkspacePackage {
  const candidates = packages.filter(({ folder }) => folder === '' || file.startsWith(`${folder}/`));
  const owner = candidates.toSorted((a, b) => b.folder.length - a.folder.length)[0];
  if (owner === undefined) throw new Error(`${file} belongs to no package`);
  return owner;
}

function readSource(file: string): SourceFile {
  const text = readText(file);
  return {
    path: file,
    owner: ownerOf(file),
    text,
    isTest: file.endsWith('.test.ts') || file.includes('/src/testing/'),
    imports: importsOf(text),
  };
}

/** Every hand-written module of the repository. */
export const sources: readonly SourceFile[] = glob('{apps,libs,proto,tests,scripts,bin}/**/*.{ts,mts,mjs}').map(
  readSource,
);

/** `@duramesh/persistence/sqlite` → `{ name: 'persistence', subpath: 'sqlite' }`; undefined for packages that are not ours. */
export function ownPackage(specifier: string): { readonly name: string; readonly subpath: string } | undefined {
  if (!specifier.startsWith(scope)) return undefined;
  const [name = '', ...rest] = specifier.slice(scope.length).split('/');
  return { name, subpath: rest.join('/') };
}

/** The npm package a specifier names, or undefined for relative files and Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('/')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
