import { createRequire } from 'node:module';
import type { BufferWriter, Root } from 'protobufjs';

const require = createRequire(import.meta.url);

/** Collects a function's code, then makes it with what it refers to. */
type Codegen = (
  parameters: string[],
  name: string,
) => (
  format: string,
  ...values: string[]
) => (scope: object) => (message: Record<string, unknown>) => Record<string, unknown>;

const light = require('protobufjs/light') as {
  util: { Long?: unknown; codegen: Codegen };
  BufferWriter: new () => BufferWriter;
  configure(): void;
};

export const { codegen } = light.util;

/** Large enough for what is written all the time. */
const WRITER_BYTES = 16 * 1024;

/** An empty writer that need not grow soon. */
export function newWriter(): BufferWriter {
  const writer = new light.BufferWriter();
  writer.buf = Buffer.allocUnsafeSlow(WRITER_BYTES);
  return writer;
}

/**
 * The one protobuf root of the process: the public messages of `@temporalio/proto` with our internal messages added.
 * Switching protobuf's Long support off before the root is read makes every int64 a number.
 */
function loadRoot(): Root {
  light.util.Long = undefined;
  light.configure();
  const root = require('@temporalio/proto') as Root;
  root.addJSON((require('./generated/internal.json') as { nested: Parameters<Root['addJSON']>[0] }).nested);
  return root;
}

export const root: Root = loadRoot();
