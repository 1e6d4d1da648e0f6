import {
  type CustomSearchAttributes,
  isBuiltIn,
  isSettable,
  predefinedSearchAttributes,
  systemSearchAttributes,
} from './catalogue.ts';
import type { SearchAttributeType, SearchAttributeValue } from './list-filter.ts';
import { decodePayload, encodePayload, type Payload, withType } from './payload.ts';

/** `indexed_fields` of temporal.api.common.v1.SearchAttributes. */
export type IndexedFields = Readonly<Record<string, Payload>>;

export interface SearchAttributeLimits {
  readonly maxKeys: number;
  readonly maxValueBytes: number;
  readonly maxTotalBytes: number;
}

export interface SearchAttributeContext {
  /** The namespace's name, for messages. */
  readonly namespace: string;
  readonly customAttributes: CustomSearchAttributes;
  readonly limits: SearchAttributeLimits;
}

export const defaultSearchAttributeLimits: SearchAttributeLimits = {
  maxKeys: 100,
  maxValueBytes: 2048,
  maxTotalBytes: 40_960,
};

/**
 * Checks what a user wants to set. Answers the text of the INVALID_ARGUMENT error, or undefined when all is well.
 */
export function validateSearchAttributes(fields: IndexedFields, context: SearchAttributeContext): string | undefined {
  const names = Object.keys(fields);
  if (names.length === 0) return undefined;
  const unmapped = names.find((name) => !isBuiltIn(name) && !context.customAttributes.has(name));
  if (unmapped !== undefined) {
    return `Namespace ${context.namespace} has no mapping defined for search attribute ${unmapped}`;
  }
  const { maxKeys } = context.limits;
  if (names.length > maxKeys) return `number of search attributes ${names.length} exceeds limit ${maxKeys}`;
  for (const name of names) {
    const refusal = validateValue(name, fields[name], context);
    if (refusal !== undefined) return refusal;
  }
  return validateSizes(fields, context.limits);
}

function validateValue(
  name: string,
  payload: Payload | undefined,
  { customAttributes }: SearchAttributeContext,
): string | undefined {
  if (systemSearchAttributes.has(name)) return `${name} attribute can't be set in SearchAttributes`;
  const type = typeOf(name, customAttributes);
  if (type === undefined) return `search attribute ${name} is not defined`;
  if (!isSettable(name)) return `${name} attribute can't be set in SearchAttributes`;
  const decoded = decodePayload(payload, type);
  if (decoded.kind !== 'invalid') return undefined;
  return `invalid value for search attribute ${name} of type ${type}: ${decoded.shown}`;
}

function validateSizes(fields: IndexedFields, limits: SearchAttributeLimits): string | undefined {
  let total = 0;
  for (const [name, payload] of Object.entries(fields)) {
    const size = payload.data?.length ?? 0;
    if (size > limits.maxValueBytes) {
      return `search attribute ${name} value size ${size} exceeds size limit ${limits.maxValueBytes}`;
    }
    total += entrySize(name, payload);
  }
  if (total <= limits.maxTotalBytes) return undefined;
  return `total size of search attributes ${total} exceeds size limit ${limits.maxTotalBytes}`;
}

const utf8 = new TextEncoder();
/** One byte of tag, the length, the bytes. */
const fieldSize = (bytes: number): number => 1 + (bytes < 128 ? 1 : bytes < 16_384 ? 2 : 3) + bytes;

/** The bytes of one entry of the encoded message. */
function entrySize(name: string, payload: Payload): number {
  let payloadSize = payload.data?.length ? fieldSize(payload.data.length) : 0;
  for (const [key, value] of Object.entries(payload.metadata ?? {})) {
    payloadSize += fieldSize(fieldSize(key.length) + fieldSize(value.length));
  }
  return fieldSize(fieldSize(utf8.encode(name).length) + fieldSize(payloadSize));
}

/** The registered type of a settable attribute. */
function typeOf(name: string, customAttributes: CustomSearchAttributes): SearchAttributeType | undefined {
  return predefinedSearchAttributes.get(name) ?? customAttributes.get(name);
}

/** Typed values for filters. Unknown names, unset and unreadable values are left out: reading never fails. */
export function decodeSearchAttributes(
  fields: IndexedFields,
  customAttributes: CustomSearchAttributes,
): ReadonlyMap<string, SearchAttributeValue> {
  const values = new Map<string, SearchAttributeValue>();
  for (const [name, payload] of Object.entries(fields)) {
    const type = typeOf(name, customAttributes);
    const decoded = type && decodePayload(payload, type);
    if (decoded?.kind === 'value') values.set(name, decoded.value);
  }
  return values;
}

/** Payloads of typed values, with the type in their metadata. */
export function encodeSearchAttributes(values: Iterable<readonly [string, SearchAttributeValue]>): IndexedFields {
  return Object.fromEntries([...values].map(([name, value]) => [name, encodePayload(value)]));
}

/** What users are shown: the registered type in every payload's metadata, unknown names left out. */
export function showSearchAttributes(fields: IndexedFields, customAttributes: CustomSearchAttributes): IndexedFields {
  const shown: Record<string, Payload> = {};
  for (const [name, payload] of Object.entries(fields)) {
    const type = typeOf(name, customAttributes);
    if (type !== undefined) shown[name] = withType(payload, type);
  }
  return shown;
}
