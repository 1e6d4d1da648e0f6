import type { Type } from 'protobufjs';
import { type Fill, fillOf } from './fill.ts';
import { newReader, newWriter, root, writeWhatIsSet } from './root.ts';

/** Turns one message type into bytes and back. Both directions throw on malformed input. */
export interface Codec<T> {
  /** Full protobuf name, e.g. `temporal.api.common.v1.Payloads`. */
  readonly typeName: string;
  encode(message: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const prepared = new Set<Type>();

/** Absent message and oneof fields read `undefined` instead of protobufjs' `null`, for this type and all it contains. */
function prepare(type: Type): Type {
  if (prepared.has(type)) return type;
  prepared.add(type);
  if (type.fullName.startsWith('.duramesh.')) writeWhatIsSet(type);
  const prototype = type.ctor.prototype as unknown as Record<string, unknown>;
  for (const field of type.fieldsArray) {
    field.resolve();
    if (prototype[field.name] === null) prototype[field.name] = undefined;
    if (field.resolvedType && 'fieldsArray' in field.resolvedType) prepare(field.resolvedType);
  }
  return type;
}

const types = new Map<string, Type>();

/**
 * What a message consists of. Reading it is cheap; only what is encoded or decoded has code generated for it.
 *
 * @throws when the name is not known to the API or to our internal messages
 */
export function messageType(typeName: string): Type {
  return root.lookupType(typeName);
}

function codecType(typeName: string): Type {
  const known = types.get(typeName);
  if (known) return known;
  const type = prepare(root.lookupType(typeName));
  types.set(typeName, type);
  return type;
}

/** A writer that has grown beyond this is let go. */
const MAX_KEPT_BYTES = 256 * 1024;
let writer = newWriter();

/** Everything is encoded into one buffer, which seldom has to grow, and copied out of it once. */
function encodeWith(type: Type, message: object): Uint8Array {
  writer.pos = 0;
  try {
    const bytes = type.encode(message, writer).finish();
    if (writer.buf.length > MAX_KEPT_BYTES) writer = newWriter();
    return bytes;
  } catch (error) {
    writer = newWriter();
    throw error;
  }
}

/** A codec of a public message. Decoded messages read absent scalars as their default. */
export function publicCodec<T extends object>(typeName: string): Codec<T> {
  let type: Type | undefined;
  return {
    typeName,
    encode: (message) => encodeWith((type ??= codecType(typeName)), message),
    decode: (bytes) => (type ??= codecType(typeName)).decode(newReader(bytes)) as unknown as T,
  };
}

/** A codec of one of our own messages; see {@link fillOf}. Used by generated code only. */
export function internalCodec<T extends object>(typeName: string): Codec<T> & { create(fields?: Partial<T>): T } {
  let type: Type | undefined;
  let fill: Fill | undefined;
  const resolve = (): Type => (type ??= codecType(typeName));
  const filled = (message: unknown): T => (fill ??= fillOf(resolve()))(message as Record<string, unknown>) as T;
  return {
    typeName,
    encode: (message) => encodeWith(resolve(), message),
    decode: (bytes) => filled(resolve().decode(newReader(bytes))),
    create: (fields = {}) => filled(fields),
  };
}
