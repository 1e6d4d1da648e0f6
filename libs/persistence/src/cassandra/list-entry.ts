import { fnv1a32 } from '@duramesh/runtime';
import { OPEN_RUN_CLOSE_TIME_MS, type SearchAttributeValue } from '@duramesh/visibility';
import type { VisibilityRow } from '../api/visibility-store.ts';
import { BUCKETS } from './schema.ts';

/** Where the list entry of a run lies: in the order of lists, which is ascending. */
export interface ListPlace {
  readonly bucket: number;
  readonly closeKey: number;
  readonly startKey: number;
}

/** What lists show of a run, as it is stored: in its place, and in the head of the run, which vouches for it. */
export interface ListEntry {
  readonly place: ListPlace;
  readonly text: string;
}

export const listPlace = (runId: string, closeKey: number, startKey: number): ListPlace => ({
  bucket: fnv1a32(runId) % BUCKETS,
  closeKey,
  startKey,
});

export const isSamePlace = (a: ListPlace | undefined, b: ListPlace | undefined): boolean =>
  a?.closeKey === b?.closeKey && a?.startKey === b?.startKey;

type Stored = Omit<VisibilityRow, 'searchAttributes' | 'memo' | 'encodedSearchAttributes'> & {
  readonly searchAttributes: readonly (readonly [string, SearchAttributeValue])[];
  /** Base64 */
  readonly memo?: string;
  readonly encodedSearchAttributes?: string;
};

export function listEntry(row: VisibilityRow): ListEntry {
  const { memo, encodedSearchAttributes, searchAttributes, ...others } = row;
  const stored: Stored = {
    ...others,
    searchAttributes: [...searchAttributes],
    ...(memo && { memo: toBase64(memo) }),
    ...(encodedSearchAttributes && { encodedSearchAttributes: toBase64(encodedSearchAttributes) }),
  };
  const closeKey = 0 - (row.closeTimeMs ?? OPEN_RUN_CLOSE_TIME_MS);
  return { place: listPlace(row.runId, closeKey, 0 - row.startTimeMs), text: JSON.stringify(stored) };
}

/** With its search attributes, for filters. */
export function visibilityRow(text: string): VisibilityRow {
  const stored = JSON.parse(text) as Stored;
  return {
    ...stored,
    closeTimeMs: stored.closeTimeMs,
    memo: fromBase64(stored.memo),
    searchAttributes: new Map(stored.searchAttributes),
    encodedSearchAttributes: fromBase64(stored.encodedSearchAttributes),
  };
}

const toBase64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');
const fromBase64 = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64');
