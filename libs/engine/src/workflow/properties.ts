import type { Plain, temporal } from '@duramesh/proto';
import { decodeText, encodeText } from './text.ts';

export type Payload = Plain<temporal.api.common.v1.IPayload>;
export type Memo = Plain<temporal.api.common.v1.IMemo>;
export type SearchAttributes = Plain<temporal.api.common.v1.ISearchAttributes>;
type Fields = Readonly<Record<string, Payload>>;

/** A payload that unsets what it is merged into: none, `binary/null`, JSON null or an empty JSON list. */
export function isUnset(payload: Payload | undefined): boolean {
  if (payload === undefined) return true;
  const encoding = payload.metadata?.['encoding'];
  if (encoding && decodeText(encoding) === 'binary/null') return true;
  const size = payload.data?.length ?? 0;
  if (size === 0) return encoding === undefined;
  if (size > 4) return false;
  const value = decodeText(payload.data);
  return value === 'null' || value === '[]';
}

function merge(old: Fields, change: Fields): Record<string, Payload> {
  const merged: Record<string, Payload> = { ...old };
  for (const [key, payload] of Object.entries(change)) {
    if (isUnset(payload)) delete merged[key];
    else merged[key] = payload;
  }
  return merged;
}

/** Unset payloads remove their key. */
export function mergeMemo(old: Memo | undefined, change: Memo | undefined): Memo {
  return { fields: merge(old?.fields ?? {}, change?.fields ?? {}) };
}

/** Unset payloads remove their key. */
export function mergeSearchAttributes(
  old: SearchAttributes | undefined,
  change: SearchAttributes | undefined,
): SearchAttributes {
  return { indexedFields: merge(old?.indexedFields ?? {}, change?.indexedFields ?? {}) };
}

/** Without what it unsets: how a start keeps a memo. */
export function withoutUnsetMemo(memo: Memo | undefined): Memo | undefined {
  const values = Object.values(memo?.fields ?? {});
  if (!memo || values.length === 0) return undefined;
  return values.some(isUnset) ? mergeMemo(undefined, memo) : memo;
}

/** Without what it unsets: how a start keeps search attributes. */
export function withoutUnsetSearchAttributes(attributes: SearchAttributes | undefined): SearchAttributes | undefined {
  if (!attributes || !Object.values(attributes.indexedFields ?? {}).some(isUnset)) return attributes;
  return mergeSearchAttributes(undefined, attributes);
}

const JSON_PLAIN = encodeText('json/plain');
const KEYWORD = encodeText('Keyword');
const KEYWORD_LIST = encodeText('KeywordList');

/** A JSON value as the default data converter of the SDKs writes it. */
export const jsonPayload = (value: unknown): Payload => ({
  metadata: { encoding: JSON_PLAIN },
  data: encodeText(JSON.stringify(value)),
});

export const keywordPayload = (value: string): Payload => ({
  metadata: { encoding: JSON_PLAIN, type: KEYWORD },
  data: encodeText(JSON.stringify(value)),
});

export const keywordListPayload = (values: readonly string[]): Payload => ({
  metadata: { encoding: JSON_PLAIN, type: KEYWORD_LIST },
  data: encodeText(JSON.stringify(values)),
});

/** The words of a keyword list the engine itself has set; empty for anything else. */
export function keywordsOf(payload: Payload | undefined): readonly string[] {
  if (!payload) return [];
  const value: unknown = JSON.parse(decodeText(payload.data) || '[]');
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}
