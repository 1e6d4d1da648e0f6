import type { Field, Type } from 'protobufjs';
import { codegen } from './root.ts';

type Message = Record<string, unknown>;
/** Copies a message into a plain object that has every field. */
export type Fill = (message: Message) => Message;

const fills = new Map<string, Fill>();

/**
 * How internal messages become plain objects with every scalar, list and map present, so that spreading loses nothing.
 * The function is written for its type, as protobufjs writes its own: an object literal gives all messages of a type one
 * shape, where copying fields by name makes dictionaries of the large ones, a hundred times as slow.
 */
export function fillOf(type: Type): Fill {
  const known = fills.get(type.fullName);
  if (known) return known;
  const values: Record<string, unknown> = {};
  let used = 0;
  // In place before the fields are looked at: a message may contain its own type.
  fills.set(type.fullName, (message) => fill(message));
  const use = (value: unknown): string => {
    const name = `v${used++}`;
    values[name] = value;
    return name;
  };
  const fields = type.fieldsArray.map((field) => `${JSON.stringify(field.name)}:${valueOf(field.resolve(), use)}`);
  const fill: Fill = codegen(['m'], 'fill')('return {%s}', fields.join(','))(values);
  fills.set(type.fullName, fill);
  return fill;
}

/** The expression for one field of the message `m`. */
function valueOf(field: Field, use: (value: unknown) => string): string {
  const read = `m[${JSON.stringify(field.name)}]`;
  const inner = field.resolvedType && 'fieldsArray' in field.resolvedType ? field.resolvedType : undefined;
  const own = inner?.fullName.startsWith('.duramesh.') ? fillOf(inner) : undefined;
  if (field.map) return `${use(own ? mapOf(own) : copyOfMap)}(${read})`;
  if (field.repeated) return `${use(own ? listOf(own) : ownList)}(${read})`;
  if (own) return `${read}==null?undefined:${use(own)}(${read})`;
  // One of several fields is there or not: what an absent one would inherit is its default.
  if (field.partOf && !inner) return `Object.hasOwn(m,${JSON.stringify(field.name)})?${read}:undefined`;
  if (inner) return `${read}==null?undefined:${read}`;
  return `${read}==null?${use(field.typeDefault)}:${read}`;
}

const copyOfMap = (map: object | undefined): object => ({ ...map });

/** Never the empty list that protobufjs shares between messages. */
const ownList = (list: unknown[] | undefined): unknown[] => (list === undefined || list.length === 0 ? [] : list);

const listOf =
  (fill: Fill) =>
  (list: Message[] | undefined): Message[] =>
    list === undefined || list.length === 0 ? [] : list.map(fill);

const mapOf =
  (fill: Fill) =>
  (map: Record<string, Message> | undefined): Record<string, Message> =>
    Object.fromEntries(Object.entries(map ?? {}).map(([key, item]) => [key, fill(item)]));
