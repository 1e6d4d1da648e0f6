import { createRequire } from 'node:module';
import type { BufferWriter, Reader, Root } from 'protobufjs';
import { numberClasses, type Protobuf } from './integers.ts';

const require = createRequire(import.meta.url);

/** Collects a function's code, then makes it with what it refers to. */
type Codegen = (
  parameters: string[],
  name: string,
) => (
  format: string,
  ...values: string[]
) => (scope: object) => (message: Record<string, unknown>) => Record<string, unknown>;

const light = require('protobufjs/light') as Protobuf & {
  util: { Long?: unknown; codegen: Codegen };
  configure(): void;
};

export const { codegen } = light.util;

const { NumberWriter, NumberReader, NumberBufferReader } = numberClasses(light);

/** Large enough for what is written all the time. */
const WRITER_BYTES = 16 * 1024;

/** An empty writer that need not grow soon. */
export function newWriter(): BufferWriter {
  const writer = new NumberWriter();
  writer.buf = Buffer.allocUnsafeSlow(WRITER_BYTES);
  return writer;
}

export function newReader(bytes: Uint8Array): Reader {
  const reader: unknown = Buffer.isBuffer(bytes) ? new NumberBufferReader(bytes) : new NumberReader(bytes);
  return reader as Reader;
}

interface Nested {
  readonly nested: Parameters<Root['addJSON']>[0];
}

/**
 * The one protobuf root of the process: the public messages of `@temporalio/proto` with our internal messages added.
 * Switching protobuf's Long support off before the root is read makes every int64 a number.
 */
function loadRoot(): Root {
  light.util.Long = undefined;
  light.configure();
  const root = require('@temporalio/proto') as Root;
  const { nested: own } = require('./generated/internal.json') as { nested: Readonly<Record<string, Nested>> };
  // Into packages that are there already, too.
  for (const [name, { nested }] of Object.entries(own)) root.define(name).addJSON(nested);
  return root;
}

export const root: Root = loadRoot();
