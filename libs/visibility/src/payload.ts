import type { Plain, temporal } from '@duramesh/proto';
import { parseDatetime, parseInt64 } from './literals.ts';
import type { SearchAttributeType, SearchAttributeValue } from './list-filter.ts';

export type Payload = Plain<temporal.api.common.v1.IPayload>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const JSON_ENCODING = encoder.encode('json/plain');

/** `unset` is what removes an attribute; `invalid` shows the value as the reference prints it. */
export type DecodedPayload =
  | { readonly kind: 'value'; readonly value: SearchAttributeValue }
  | { readonly kind: 'unset' }
  | { readonly kind: 'invalid'; readonly shown: string };

const UNSET: DecodedPayload = { kind: 'unset' };

/**
 * Reads a payload as the registered type, whatever its own `type` says. Null, an empty list and an absent payload are
 * unset. A list in place of a scalar is accepted when all its elements are of the type; the first one counts.
 */
export function decodePayload(payload: Payload | undefined, type: SearchAttributeType): DecodedPayload {
  if (payload === undefined || encodingOf(payload) === 'binary/null') return UNSET;
  const text = textOf(payload);
  const json = text === undefined ? undefined : parseJson(text);
  if (text === undefined || json === undefined) return { kind: 'invalid', shown: showRaw(payload) };
  if (json === null || (Array.isArray(json) && json.length === 0)) return UNSET;
  const value = type === 'KeywordList' ? keywordListOf(json) : scalarOrFirst(type, json, text.trim());
  return value === undefined ? { kind: 'invalid', shown: show(json) } : { kind: 'value', value };
}

/** The payload of a value with its type in the metadata, as lists and descriptions show it. */
export function encodePayload(attribute: SearchAttributeValue): Payload {
  const { type, value } = attribute;
  const json = type === 'Datetime' ? formatDatetime(value) : value;
  return {
    metadata: { encoding: JSON_ENCODING, type: encoder.encode(type) },
    data: encoder.encode(JSON.stringify(json)),
  };
}

/** The same payload with the type in its metadata. */
export function withType(payload: Payload, type: SearchAttributeType): Payload {
  return { ...payload, metadata: { ...payload.metadata, type: encoder.encode(type) } };
}

function encodingOf(payload: Payload): string {
  const encoding = payload.metadata?.['encoding'];
  return encoding === undefined ? '' : new TextDecoder().decode(encoding);
}

function textOf(payload: Payload): string | undefined {
  if (encodingOf(payload) !== 'json/plain') return undefined;
  try {
    return decoder.decode(payload.data ?? new Uint8Array());
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function keywordListOf(json: unknown): SearchAttributeValue | undefined {
  if (!Array.isArray(json)) return undefined;
  const value = json.filter((item): item is string => typeof item === 'string');
  return value.length === json.length ? { type: 'KeywordList', value } : undefined;
}

type ScalarType = Exclude<SearchAttributeType, 'KeywordList'>;

function scalarOrFirst(type: ScalarType, json: unknown, text: string): SearchAttributeValue | undefined {
  if (!Array.isArray(json)) return scalarValue(type, json, text);
  const values = json.map((item: unknown) => scalarValue(type, item, JSON.stringify(item)));
  return values.includes(undefined) ? undefined : values[0];
}

function scalarValue(type: ScalarType, json: unknown, text: string): SearchAttributeValue | undefined {
  switch (type) {
    case 'Text':
    case 'Keyword':
      return typeof json === 'string' ? { type, value: json } : undefined;
    case 'Bool':
      return typeof json === 'boolean' ? { type, value: json } : undefined;
    case 'Double':
      return typeof json === 'number' ? { type, value: json } : undefined;
    case 'Int':
      return typeof json === 'number' && parseInt64(text) !== undefined ? { type, value: json } : undefined;
    case 'Datetime': {
      const value = typeof json === 'string' ? parseDatetime(json) : undefined;
      return value === undefined ? undefined : { type, value };
    }
    default:
      return undefined;
  }
}

/** RFC 3339 in UTC with as many digits of the second's fraction as it has, up to microseconds. */
function formatDatetime(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const micros = Math.min(Math.round((timeMs - seconds * 1000) * 1000), 999_999);
  const fraction = String(micros).padStart(6, '0').replace(/0+$/, '');
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const clock = [rest / 3600, (rest / 60) % 60, rest % 60].map((part) => String(Math.floor(part)).padStart(2, '0'));
  return `${formatDay(days)}T${clock.join(':')}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The inverse of counting days since the epoch in 400-year eras that begin on 1 March. */
function formatDay(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const dayOfYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = ((shiftedMonth + 2) % 12) + 1;
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const fullYear = year + era * 400 + (month <= 2 ? 1 : 0);
  return [String(fullYear).padStart(4, '0'), ...[month, dayOfMonth].map((n) => String(n).padStart(2, '0'))].join('-');
}

/** A decoded value as Go's `%v` prints it. */
function show(json: unknown): string {
  if (json === null) return '<nil>';
  if (Array.isArray(json)) return `[${json.map(show).join(' ')}]`;
  if (typeof json === 'object') {
    const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, value]) => `${key}:${show(value)}`).join(' ')}]`;
  }
  if (typeof json === 'string') return json;
  return typeof json === 'number' ? showNumber(json) : JSON.stringify(json);
}

function showNumber(value: number): string {
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function showRaw(payload: Payload): string {
  return `value from <${encodingOf(payload)}, ${payload.data?.length ?? 0} bytes>`;
}
