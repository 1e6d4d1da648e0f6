// Turns proto/duramesh/**/*.proto into src/generated/{internal.json,internal.ts}. `--check` fails when they are out of date.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';

const here = import.meta.dirname;
const root = new protobuf.Root();
for (const file of globSync('{duramesh,grpc}/**/*.proto', { cwd: here }).sort()) {
  protobuf.parse(readFileSync(path.join(here, file), 'utf8'), root, { keepCase: false });
}

const numbers = new Set([
  'double',
  'float',
  'int32',
  'uint32',
  'sint32',
  'fixed32',
  'sfixed32',
  'int64',
  'uint64',
  'sint64',
  'fixed64',
  'sfixed64',
]);

function fieldType(field: protobuf.Field, scope: protobuf.NamespaceBase): string {
  const base = baseType(field.type, scope);
  if (field instanceof protobuf.MapField) return `Readonly<Record<string, ${base}>>`;
  return field.repeated ? `readonly ${base}[]` : base;
}

function baseType(name: string, scope: protobuf.NamespaceBase): string {
  if (numbers.has(name)) return 'number';
  if (name === 'string') return 'string';
  if (name === 'bool') return 'boolean';
  if (name === 'bytes') return 'Uint8Array';
  const own = scope.lookup(name);
  if (own instanceof protobuf.Enum) return 'number';
  if (own instanceof protobuf.Type) return own.name;
  if (name.startsWith('temporal.api.enums.')) return 'number';
  const parts = name.split('.');
  return `Plain<${[...parts.slice(0, -1), `I${parts.at(-1)}`].join('.')}>`;
}

/** Message fields and oneof members may be absent; everything else is always there. */
function isOptional(field: protobuf.Field, type: string): boolean {
  if (field.repeated || field instanceof protobuf.MapField) return false;
  return field.partOf !== null || !['number', 'string', 'boolean', 'Uint8Array'].includes(type);
}

const doc = (comment: string | null, indent = ''): string =>
  comment ? `${indent}/** ${comment.replaceAll('\n', ' ')} */\n` : '';
const out: string[] = [
  '// Generated from proto/duramesh by proto/generate.ts. Do not edit.',
  "import type { google, temporal } from '@temporalio/proto';",
  "import { internalCodec } from '../codec.ts';",
  "import type { Plain } from '../plain.ts';",
  '',
];
const names = new Map<string, string>();

function emitType(type: protobuf.Type): void {
  const other = names.get(type.name);
  if (other)
    throw new Error(`message name ${type.name} is used by ${other} and ${type.fullName}: internal names are unique`);
  names.set(type.name, type.fullName);
  out.push(`${doc(type.comment)}export interface ${type.name} {`);
  for (const field of type.fieldsArray) {
    const name = fieldType(field, type);
    const optional = isOptional(field, name);
    out.push(
      `${doc(field.comment, '  ')}  readonly ${field.name}${optional ? '?' : ''}: ${name}${optional ? ' | undefined' : ''};`,
    );
  }
  out.push('}', `export const ${type.name} = internalCodec<${type.name}>('${type.fullName.slice(1)}');`, '');
}

function walk(ns: protobuf.NamespaceBase): void {
  for (const item of ns.nestedArray) {
    if (item instanceof protobuf.Type) emitType(item);
    if (item instanceof protobuf.Enum) {
      const rows = Object.entries(item.values).map(([key, value]) => `  ${key}: ${value},`);
      out.push(`export const ${item.name} = {`, ...rows, '} as const;', '');
    }
    if (item instanceof protobuf.Namespace && !(item instanceof protobuf.Type)) walk(item);
  }
}
walk(root);

const target = path.join(here, 'src/generated');
const files = new Map([
  ['internal.json', `${JSON.stringify({ nested: root.toJSON().nested }, null, 1)}\n`],
  ['internal.ts', `${out.join('\n')}`],
]);
mkdirSync(target, { recursive: true });
let stale = 0;
for (const [name, text] of files) {
  const file = path.join(target, name);
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') !== text) stale++;
  } else writeFileSync(file, text);
}
if (stale > 0) {
  process.stderr.write('generated code is out of date: run `npm run generate`\n');
  process.exitCode = 1;
}
