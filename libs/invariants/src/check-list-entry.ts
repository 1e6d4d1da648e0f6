import type { VisibilityRow } from '@duramesh/persistence';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { Broken } from './broken.ts';
import { difference } from './difference.ts';

/** How far a run has come is written with what else changes of its entry, so it may be behind while the run goes on. */
const COMPARED = [
  'workflowType',
  'taskQueue',
  'status',
  'startTimeMs',
  'executionTimeMs',
  'closeTimeMs',
  'parentWorkflowId',
  'parentRunId',
  'rootWorkflowId',
  'rootRunId',
] as const satisfies (keyof VisibilityRow)[];

type Payloads = Readonly<Record<string, Plain<temporal.api.common.v1.IPayload>>>;
const memoCodec = publicCodec<{ readonly fields?: Payloads }>('temporal.api.common.v1.Memo');
const attributesCodec = publicCodec<{ readonly indexedFields?: Payloads }>('temporal.api.common.v1.SearchAttributes');

/** S6: what lists show under the ids of a run, compared with the entry it should have. */
export function checkListEntry(shown: readonly VisibilityRow[], expected: VisibilityRow): readonly Broken[] {
  const [entry, ...more] = shown;
  if (entry === undefined) return [{ claim: 'S6', text: 'lists do not show it' }];
  if (more.length > 0) return [{ claim: 'S6', text: `lists show it ${shown.length} times` }];
  const differs = difference(comparable(entry), comparable(expected));
  return differs === undefined ? [] : [{ claim: 'S6', text: `lists show what it is not: ${differs}` }];
}

function comparable(row: VisibilityRow): unknown {
  return {
    ...Object.fromEntries(COMPARED.map((field) => [field, row[field]])),
    memo: row.memo && payloads(memoCodec.decode(row.memo).fields),
    searchAttributes:
      row.encodedSearchAttributes && payloads(attributesCodec.decode(row.encodedSearchAttributes).indexedFields),
  };
}

const text = new TextDecoder();

/** In what order they were written says nothing. */
const payloads = (fields: Payloads = {}): unknown =>
  Object.fromEntries(
    Object.entries(fields)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { data, metadata }]) => [
        name,
        [data && text.decode(data), metadata?.['type'] && text.decode(metadata['type'])],
      ]),
  );
