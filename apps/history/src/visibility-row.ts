import { visibilityFacts } from '@duramesh/engine';
import type { VisibilityRow } from '@duramesh/persistence';
import { type ExecutionInfo, type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { type CustomSearchAttributes, decodeSearchAttributes, type SearchAttributeType } from '@duramesh/visibility';

const memoCodec = publicCodec<Plain<temporal.api.common.v1.IMemo>>('temporal.api.common.v1.Memo');
const searchAttributesCodec = publicCodec<Plain<temporal.api.common.v1.ISearchAttributes>>(
  'temporal.api.common.v1.SearchAttributes',
);

/** What lists and counts show of a run. */
export function visibilityRow(info: ExecutionInfo): VisibilityRow {
  const { memo, searchAttributes, ...facts } = visibilityFacts(info);
  const fields = searchAttributes?.indexedFields ?? {};
  const hasFields = Object.keys(fields).length > 0;
  return {
    ...facts,
    memo: memo && Object.keys(memo.fields ?? {}).length > 0 ? memoCodec.encode(memo) : undefined,
    searchAttributes: hasFields ? decodeSearchAttributes(fields, typesOf(fields)) : NO_VALUES,
    encodedSearchAttributes: hasFields && searchAttributes ? searchAttributesCodec.encode(searchAttributes) : undefined,
  };
}

const NO_VALUES: VisibilityRow['searchAttributes'] = new Map();
const text = new TextDecoder();

/** The types that were checked and written down when the attributes were set. */
function typesOf(fields: Readonly<Record<string, Plain<temporal.api.common.v1.IPayload>>>): CustomSearchAttributes {
  const types = new Map<string, SearchAttributeType>();
  for (const [name, payload] of Object.entries(fields)) {
    const type = payload.metadata?.['type'];
    if (type) types.set(name, text.decode(type) as SearchAttributeType);
  }
  return types;
}
