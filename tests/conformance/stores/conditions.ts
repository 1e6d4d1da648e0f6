import type { CompareOperator, Condition, Field, Scalar, SearchAttributeType, SystemField } from '@duramesh/visibility';

export const attribute = (name: string, type: SearchAttributeType): Field => ({ kind: 'attribute', name, type });

const systemTypes: Readonly<Record<SystemField, SearchAttributeType>> = {
  WorkflowId: 'Keyword',
  RunId: 'Keyword',
  WorkflowType: 'Keyword',
  TaskQueue: 'Keyword',
  ExecutionStatus: 'Int',
  StartTime: 'Datetime',
  ExecutionTime: 'Datetime',
  CloseTime: 'Datetime',
  ExecutionDuration: 'Int',
  HistoryLength: 'Int',
  HistorySizeBytes: 'Int',
  StateTransitionCount: 'Int',
  ParentWorkflowId: 'Keyword',
  ParentRunId: 'Keyword',
  RootWorkflowId: 'Keyword',
  RootRunId: 'Keyword',
};
export const system = (name: SystemField): Field => ({ kind: 'system', name, type: systemTypes[name] });
export const systemFields = Object.keys(systemTypes).map((name) => system(name as SystemField));

/** `compare(field, '=', value)` and so on: conditions as the parser makes them. */
export function compare(field: Field, operator: CompareOperator, value: Scalar): Condition {
  return { kind: 'compare', field, operator, value };
}
export const oneOf = (field: Field, ...values: Scalar[]): Condition => ({ kind: 'in', field, negated: false, values });
export const noneOf = (field: Field, ...values: Scalar[]): Condition => ({ kind: 'in', field, negated: true, values });
export const isNull = (field: Field): Condition => ({ kind: 'isNull', field, negated: false });
export const isSet = (field: Field): Condition => ({ kind: 'isNull', field, negated: true });
export const not = (term: Condition): Condition => ({ kind: 'not', term });
export const and = (...terms: Condition[]): Condition => ({ kind: 'and', terms });
export const or = (...terms: Condition[]): Condition => ({ kind: 'or', terms });
export const between = (field: Field, low: Scalar, high: Scalar): Condition => ({
  kind: 'between',
  field,
  negated: false,
  low,
  high,
});
export const startsWith = (field: Field, prefix: string): Condition => ({
  kind: 'startsWith',
  field,
  negated: false,
  prefix,
});
