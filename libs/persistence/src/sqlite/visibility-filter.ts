import { unreachable } from '@duramesh/runtime';
import {
  type CompareOperator,
  type Condition,
  type Field,
  OPEN_RUN_CLOSE_TIME_MS,
  type Scalar,
  type SystemField,
  textTokens,
} from '@duramesh/visibility';
import type { SqlValue } from './statements.ts';
import { storedType } from './visibility-writer.ts';

/** A piece of SQL with the values of its placeholders: values never become part of the text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

const sql = (text: string, ...values: SqlValue[]): Sql => ({ text, values });

/** `close_key` of the runs that are open. */
export const OPEN_KEY = -OPEN_RUN_CLOSE_TIME_MS;

const atEnd = (expression: string): string => `CASE WHEN v.close_key > ${OPEN_KEY} THEN ${expression} END`;

const columns: Readonly<Record<SystemField, string>> = {
  WorkflowId: 'v.workflow_id',
  RunId: 'v.run_id',
  WorkflowType: 'v.workflow_type',
  TaskQueue: 'v.task_queue',
  ExecutionStatus: 'v.status',
  StartTime: '(-v.start_key)',
  ExecutionTime: 'v.execution_time',
  CloseTime: '(-v.close_key)',
  ExecutionDuration: atEnd('-v.close_key - v.execution_time'),
  HistoryLength: atEnd('v.history_length'),
  HistorySizeBytes: atEnd('v.history_size_bytes'),
  StateTransitionCount: atEnd('v.state_transition_count'),
  ParentWorkflowId: 'v.parent_workflow_id',
  ParentRunId: 'v.parent_run_id',
  RootWorkflowId: 'v.root_workflow_id',
  RootRunId: 'v.root_run_id',
};

/** A condition on the visibility row `v`, true, false or null as SQL has it. */
export function compileCondition(condition: Condition): Sql {
  switch (condition.kind) {
    case 'and':
      return joined(condition.terms.map(compileCondition), 'AND');
    case 'or':
      return joined(condition.terms.map(compileCondition), 'OR');
    case 'not':
      return negatedIf(true, compileCondition(condition.term));
    case 'compare':
      return compileCompare(condition.field, condition.operator, condition.value);
    case 'in':
      return negatedIf(condition.negated, compileIn(condition.field, condition.values));
    case 'between':
      return negatedIf(condition.negated, compileBetween(condition.field, condition.low, condition.high));
    case 'startsWith':
      return negatedIf(condition.negated, compileStartsWith(condition.field, condition.prefix));
    case 'isNull':
      return negatedIf(condition.negated, compileIsNull(condition.field));
    default:
      return unreachable(condition);
  }
}

/** What a count groups by. */
export function compileGroup(field: Field): Sql {
  return isMany(field) ? sql('NULL') : scalar(field);
}

/** Joined in halves: SQLite bounds the depth of an expression, and a chain of a thousand is a thousand deep. */
function joined(terms: readonly Sql[], operator: 'AND' | 'OR'): Sql {
  const [first] = terms;
  if (first === undefined) return sql(operator === 'AND' ? '1' : '0');
  if (terms.length === 1) return first;
  const middle = terms.length >> 1;
  const left = joined(terms.slice(0, middle), operator);
  const right = joined(terms.slice(middle), operator);
  return sql(`(${left.text} ${operator} ${right.text})`, ...left.values, ...right.values);
}

const negatedIf = (isNegated: boolean, term: Sql): Sql =>
  isNegated ? sql(`(NOT ${term.text})`, ...term.values) : term;

function compileCompare(field: Field, operator: CompareOperator, value: Scalar): Sql {
  if (isMany(field)) {
    if (operator === '=' || operator === '!=') return negatedIf(operator === '!=', hasAny(field, [value]));
    return sql('NULL');
  }
  const left = scalar(field);
  return sql(`(${left.text} ${operator} ?)`, ...left.values, bound(value));
}

function compileIn(field: Field, values: readonly Scalar[]): Sql {
  if (isMany(field)) return hasAny(field, values);
  const left = scalar(field);
  return sql(`(${left.text} IN (${placeholders(values.length)}))`, ...left.values, ...values.map(bound));
}

function compileBetween(field: Field, low: Scalar, high: Scalar): Sql {
  if (isMany(field)) return sql('NULL');
  const left = scalar(field);
  return sql(`(${left.text} BETWEEN ? AND ?)`, ...left.values, bound(low), bound(high));
}

function compileStartsWith(field: Field, prefix: string): Sql {
  if (isMany(field)) return sql('NULL');
  const left = scalar(field);
  return sql(`(instr(${left.text}, ?) = 1)`, ...left.values, prefix);
}

function compileIsNull(field: Field): Sql {
  if (field.kind === 'attribute') {
    return sql(`(NOT (v.has_attributes AND ${attributeExists('a.name = ?')}))`, field.name);
  }
  return field.name === 'CloseTime' ? sql(`(v.close_key = ${OPEN_KEY})`) : sql(`((${columns[field.name]}) IS NULL)`);
}

function scalar(field: Field): Sql {
  if (field.kind === 'system') return sql(columns[field.name]);
  const stored = `SELECT a.value FROM visibility_attributes a WHERE a.visibility_id = v.id AND a.name = ? AND a.type = ?`;
  return sql(`(CASE WHEN v.has_attributes THEN (${stored}) END)`, field.name, storedType(field.type));
}

/** Whether a list has one of the elements, or a text one of the words; null when the attribute is not set. */
function hasAny(field: Field, values: readonly Scalar[]): Sql {
  if (values.length === 0) return sql('0');
  const wanted = elements(field, values);
  const type = storedType(field.type);
  const isSet = attributeExists('a.name = ? AND a.type = ?');
  const has = attributeExists(`a.name = ? AND a.type = ? AND a.value IN (${placeholders(wanted.length)})`);
  const key = [field.name, type];
  return sql(`(CASE WHEN v.has_attributes AND ${isSet} THEN ${has} END)`, ...key, ...key, ...wanted);
}

const attributeExists = (where: string): string =>
  `EXISTS (SELECT 1 FROM visibility_attributes a WHERE a.visibility_id = v.id AND ${where})`;

/** Stored values one of which makes an equality with one of `values` true. */
export function elements(field: Field, values: readonly Scalar[]): readonly SqlValue[] {
  return field.type === 'Text' ? values.flatMap((value) => textTokens(String(value))) : values.map(bound);
}

const isMany = (field: Field): boolean =>
  field.kind === 'attribute' && (field.type === 'KeywordList' || field.type === 'Text');

const bound = (value: Scalar): SqlValue => (typeof value === 'boolean' ? Number(value) : value);

export const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
