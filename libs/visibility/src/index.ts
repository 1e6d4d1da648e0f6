export type {
  CompareOperator,
  Condition,
  Field,
  ListFilter,
  Scalar,
  SearchAttributeType,
  SearchAttributeValue,
  SystemField,
} from './list-filter.ts';
export { type FieldLookup, matchesCondition, OPEN_RUN_CLOSE_TIME_MS } from './evaluate.ts';
export { compareKeywords, textTokens } from './text.ts';
export { type ListFilterContext, type ListFilterResult, parseListFilter } from './parse-list-filter.ts';
export {
  type CustomSearchAttributes,
  indexedValueTypeOf,
  isReservedSearchAttribute,
  NAMESPACE_DIVISION,
  predefinedSearchAttributes,
  SCHEDULE_WORKFLOW_ID_PREFIX,
  searchAttributeTypeOf,
  systemSearchAttributes,
} from './catalogue.ts';
export {
  decodeSearchAttributes,
  defaultSearchAttributeLimits,
  encodeSearchAttributes,
  type IndexedFields,
  type SearchAttributeContext,
  type SearchAttributeLimits,
  showSearchAttributes,
  validateSearchAttributes,
} from './search-attributes.ts';
export { decodePageToken, encodePageToken, type PageCursor } from './cursor.ts';
