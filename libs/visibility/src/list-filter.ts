/** Types of search attributes by name. @see temporal.api.enums.v1.IndexedValueType */
export type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

/** A decoded value: Int, Double and Datetime (nanoseconds as bigint would be lost on stores; milliseconds) are numbers. */
export type SearchAttributeValue =
  | { readonly type: 'Text' | 'Keyword'; readonly value: string }
  | { readonly type: 'Int' | 'Double'; readonly value: number }
  | { readonly type: 'Bool'; readonly value: boolean }
  /** Milliseconds since the Unix epoch, fractions kept. */
  | { readonly type: 'Datetime'; readonly value: number }
  | { readonly type: 'KeywordList'; readonly value: readonly string[] };

/** A field of the row that every store keeps in a column of its own. */
export type SystemField =
  | 'WorkflowId'
  | 'RunId'
  | 'WorkflowType'
  | 'TaskQueue'
  | 'ExecutionStatus'
  | 'StartTime'
  | 'ExecutionTime'
  | 'CloseTime'
  | 'ExecutionDuration'
  | 'HistoryLength'
  | 'HistorySizeBytes'
  | 'StateTransitionCount'
  | 'ParentWorkflowId'
  | 'ParentRunId'
  | 'RootWorkflowId'
  | 'RootRunId';

export type Field =
  | { readonly kind: 'system'; readonly name: SystemField; readonly type: SearchAttributeType }
  /** Custom or predefined: looked up in the row's searchAttributes. */
  | { readonly kind: 'attribute'; readonly name: string; readonly type: SearchAttributeType };

export type Scalar = string | number | boolean;
export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/**
 * A checked condition. Values have the type of their field: Datetime and ExecutionDuration are numbers in
 * milliseconds (fractions kept), ExecutionStatus is the number of the enum, Text on `=` is a list of tokens joined by space.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly kind: 'not'; readonly term: Condition }
  | { readonly kind: 'compare'; readonly field: Field; readonly operator: CompareOperator; readonly value: Scalar }
  | { readonly kind: 'in'; readonly field: Field; readonly negated: boolean; readonly values: readonly Scalar[] }
  | {
      readonly kind: 'between';
      readonly field: Field;
      readonly negated: boolean;
      readonly low: Scalar;
      readonly high: Scalar;
    }
  | { readonly kind: 'startsWith'; readonly field: Field; readonly negated: boolean; readonly prefix: string }
  | { readonly kind: 'isNull'; readonly field: Field; readonly negated: boolean };

/** A list filter after parsing, name resolution and type checks. Stores only compile it. */
export interface ListFilter {
  /** undefined matches every row. */
  readonly where: Condition | undefined;
  /** Set by `GROUP BY` in counts. */
  readonly groupBy: Field | undefined;
}
