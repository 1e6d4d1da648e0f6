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
