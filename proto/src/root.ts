import { createRequire } from 'node:module';
import type { BufferWriter, Reader, Root, Type } from 'protobufjs';
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

type EncoderScope = Readonly<Record<'Writer' | 'types' | 'util' | 'Object', unknown>>;

const light = require('protobufjs/light') as Protobuf & {
  util: { Long?: unknown; codegen: Codegen; oneOfSetter(members: readonly string[]): (chosen: string) => void };
  Writer: unknown;
  encoder(type: Type): (scope: EncoderScope) => Type['encode'];
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

/** What generated code calls of `Object`, without the look whether a field is the message's own. */
const objectOfEncoders: unknown = Object.create(Object, { hasOwnProperty: { value: { call: () => true } } });

/**
 * Has the encoder of one of our own messages decide by a field's value alone whether it is written. They have every
 * field, so asking whether a field is the message's own adds nothing, and costs more than the writing: our larger
 * messages have 70 fields, most of them unset.
 */
export function writeWhatIsSet(type: Type): void {
  const setup = type.setup.bind(type);
  type.setup = () => {
    setup();
    const types = type.fieldsArray.map((field) => field.resolve().resolvedType);
    type.encode = light.encoder(type)({ Writer: light.Writer, types, util: light.util, Object: objectOfEncoders });
    return type;
  };
}

/**
 * Of a oneof the member that comes last counts: decoding one removes the others. protobufjs deletes all there could be, for
 * each event of a history the attributes of sixty types; this deletes those that are there.
 */
function oneOfSetter(members: readonly string[]) {
  const known = new Set(members);
  return function (this: Record<string, unknown>, chosen: string): void {
    for (const name of Object.keys(this)) if (name !== chosen && known.has(name)) delete this[name];
  };
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
  light.util.oneOfSetter = oneOfSetter;
  light.configure();
  const root = require('@temporalio/proto') as Root;
  const { nested: own } = require('./generated/internal.json') as { nested: Readonly<Record<string, Nested>> };
  // Into packages that are there already, too.
  for (const [name, { nested }] of Object.entries(own)) root.define(name).addJSON(nested);
  return root;
}

export const root: Root = loadRoot();
