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
