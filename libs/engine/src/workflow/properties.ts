import type { Plain, temporal } from '@duramesh/proto';

export type Payload = Plain<temporal.api.common.v1.IPayload>;
export type Memo = Plain<temporal.api.common.v1.IMemo>;
export type SearchAttributes = Plain<temporal.api.common.v1.ISearchAttributes>;

const text = new TextDecoder();

/** A payload that unsets what it is merged into: none, `binary/null`, JSON null or an empty JSON list. */
export function isUnset(payload: Payload | undefined): boolean {
  if (payload === undefined) return true;
  const encoding = payload.metadata?.['encoding'];
  if (encoding && text.decode(encoding) === 'binary/null') return true;
  const size = payload.data?.length ?? 0;
  if (size === 0) return encoding === undefined;
  if (size > 4) return false;
  const value = text.decode(payload.data);
  return value === 'null' || value === '[]';
}

function merge(
  old: Readonly<Record<string, Payload>>,
  change: Readonly<Record<string, Payload>>,
): Record<string, Payload> {
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
