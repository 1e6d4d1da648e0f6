import type { Field, Type } from 'protobufjs';
import { root } from './root.ts';

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
  const prototype = type.ctor.prototype as unknown as Record<string, unknown>;
  for (const field of type.fieldsArray) {
    field.resolve();
    if (prototype[field.name] === null) prototype[field.name] = undefined;
    if (field.resolvedType && 'fieldsArray' in field.resolvedType) prepare(field.resolvedType);
  }
  return type;
}

const types = new Map<string, Type>();

/** @throws when the name is not known to the API or to our internal messages */
export function messageType(typeName: string): Type {
  const known = types.get(typeName);
  if (known) return known;
  const type = prepare(root.lookupType(typeName));
  types.set(typeName, type);
  return type;
}

/** A codec of a public message. Decoded messages read absent scalars as their default. */
export function publicCodec<T extends object>(typeName: string): Codec<T> {
  let type: Type | undefined;
  return {
    typeName,
    encode: (message) => (type ??= messageType(typeName)).encode(message).finish(),
    decode: (bytes) => (type ??= messageType(typeName)).decode(bytes) as unknown as T,
  };
}

type Fill = (message: Record<string, unknown>) => Record<string, unknown>;
const fills = new Map<string, Fill>();

/** Internal messages decode to plain objects with every scalar, list and map present, so that spreading loses nothing. */
function fillOf(type: Type): Fill {
  const known = fills.get(type.fullName);
  if (known) return known;
  const nested: [string, Field, Fill][] = [];
  const empty: (() => Record<string, unknown>)[] = [];
  const fill: Fill = (message) => {
    const out = { ...empty[0]?.(), ...message };
    for (const [name, field, inner] of nested) {
      const value = out[name];
      if (value === undefined) continue;
      out[name] = fillField(field, value, inner);
    }
    return out;
  };
  fills.set(type.fullName, fill);
  const scalars: Record<string, unknown> = {};
  const lists: string[] = [];
  const maps: string[] = [];
  for (const field of type.fieldsArray) {
    field.resolve();
    const inner = field.resolvedType && 'fieldsArray' in field.resolvedType ? field.resolvedType : undefined;
    if (inner && inner.fullName.startsWith('.duramesh.')) nested.push([field.name, field, fillOf(inner)]);
    if (field.map) maps.push(field.name);
    else if (field.repeated) lists.push(field.name);
    else if (!inner && !field.partOf) scalars[field.name] = field.typeDefault;
  }
  empty.push(() => {
    const out: Record<string, unknown> = { ...scalars };
    for (const name of lists) out[name] = [];
    for (const name of maps) out[name] = {};
    return out;
  });
  return fill;
}

function fillField(field: Field, value: unknown, fill: Fill): unknown {
  if (field.map) {
    const entries = Object.entries(value as Record<string, Record<string, unknown>>);
    return Object.fromEntries(entries.map(([key, item]) => [key, fill(item)]));
  }
  if (field.repeated) return (value as Record<string, unknown>[]).map(fill);
  return fill(value as Record<string, unknown>);
}

/** A codec of one of our own messages; see {@link fillOf}. Used by generated code only. */
export function internalCodec<T extends object>(typeName: string): Codec<T> & { create(fields?: Partial<T>): T } {
  let type: Type | undefined;
  let fill: Fill | undefined;
  const resolve = (): Type => (type ??= messageType(typeName));
  const filled = (message: unknown): T => (fill ??= fillOf(resolve()))(message as Record<string, unknown>) as T;
  return {
    typeName,
    encode: (message) => resolve().encode(message).finish(),
    decode: (bytes) => filled(resolve().decode(bytes)),
    create: (fields = {}) => filled(fields),
  };
}
