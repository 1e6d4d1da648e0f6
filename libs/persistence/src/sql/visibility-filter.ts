import { unreachable } from '@duramesh/runtime';
import {
  type Condition,
  type Field,
  OPEN_RUN_CLOSE_TIME_MS,
  type Scalar,
  type SearchAttributeType,
  type SystemField,
  textTokens,
} from '@duramesh/visibility';
import type { Dialect, StoredAttribute, StoredType } from './dialect.ts';
import { join, plain, type Sql, sql } from './sql.ts';

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

/** Turns conditions of list filters into the SQL of one database. */
export class FilterCompiler<V> {
  readonly #dialect: Dialect<V>;

  constructor(dialect: Dialect<V>) {
    this.#dialect = dialect;
  }

  /** A condition on the visibility row `v`. */
  condition(condition: Condition): Sql<V> {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return this.#joined(
          condition.terms.map((term) => this.condition(term)),
          condition.kind,
        );
      case 'not':
        return negatedIf(true, this.condition(condition.term));
      case 'compare':
        return this.#compare(condition);
      case 'in':
        return negatedIf(condition.negated, this.#in(condition.field, condition.values));
      case 'between':
        return negatedIf(condition.negated, this.#between(condition));
      case 'startsWith':
        return negatedIf(condition.negated, this.#startsWith(condition.field, condition.prefix));
      case 'isNull':
        return negatedIf(condition.negated, this.#isNull(condition.field));
      default:
        return unreachable(condition);
    }
  }

  /** What a count groups by. */
  group(field: Field): Sql<V> {
    return isMany(field) ? this.#dialect.unknown : this.#scalar(field);
  }

  /** Joined in halves: databases bound the depth of an expression, and a chain of a thousand is a thousand deep. */
  #joined(terms: readonly Sql<V>[], kind: 'and' | 'or'): Sql<V> {
    const [first] = terms;
    if (first === undefined) return kind === 'and' ? this.#dialect.yes : this.#dialect.no;
    if (terms.length === 1) return first;
    const middle = terms.length >> 1;
    const halves = [this.#joined(terms.slice(0, middle), kind), this.#joined(terms.slice(middle), kind)];
    return sql`(${join(halves, kind === 'and' ? ' AND ' : ' OR ')})`;
  }

  #compare({ field, operator, value }: Extract<Condition, { kind: 'compare' }>): Sql<V> {
    if (!isMany(field)) return sql`(${this.#scalar(field)} ${plain(operator)} ${this.#bind(field, value)})`;
    if (operator !== '=' && operator !== '!=') return this.#dialect.unknown;
    return negatedIf(operator === '!=', this.#hasAny(field, [value]));
  }

  #in(field: Field, values: readonly Scalar[]): Sql<V> {
    if (values.length === 0) return this.#dialect.no;
    if (isMany(field)) return this.#hasAny(field, values);
    const wanted = values.map((value) => this.#bind(field, value));
    return sql`(${this.#scalar(field)} IN (${join(wanted, ', ')}))`;
  }

  #between({ field, low, high }: Extract<Condition, { kind: 'between' }>): Sql<V> {
    if (isMany(field)) return this.#dialect.unknown;
    return sql`(${this.#scalar(field)} BETWEEN ${this.#bind(field, low)} AND ${this.#bind(field, high)})`;
  }

  #startsWith(field: Field, prefix: string): Sql<V> {
    return isMany(field) ? this.#dialect.unknown : this.#dialect.startsWith(this.#scalar(field), prefix);
  }

  #isNull(field: Field): Sql<V> {
    if (field.kind === 'attribute') return sql`(NOT ${this.#dialect.hasAttribute(field.name)})`;
    return plain(field.name === 'CloseTime' ? `(v.close_key = ${OPEN_KEY})` : `((${columns[field.name]}) IS NULL)`);
  }

  #scalar(field: Field): Sql<V> {
    if (field.kind === 'system') return plain(columns[field.name]);
    return this.#dialect.attribute(storedAttribute(field));
  }

  #hasAny(field: Field, values: readonly Scalar[]): Sql<V> {
    return this.#dialect.hasElement(storedAttribute(field), elements(field, values));
  }

  #bind(field: Field, value: Scalar): Sql<V> {
    return this.#dialect.bind(value, typeOf(field));
  }
}

const negatedIf = <V>(isNegated: boolean, term: Sql<V>): Sql<V> => (isNegated ? sql`(NOT ${term})` : term);

const isMany = (field: Field): boolean =>
  field.kind === 'attribute' && (field.type === 'KeywordList' || field.type === 'Text');

/** Stored values one of which makes an equality with one of `values` true. */
export const elements = (field: Field, values: readonly Scalar[]): readonly Scalar[] =>
  field.type === 'Text' ? values.flatMap((value) => textTokens(String(value))) : values;

export const storedAttribute = (field: Field): StoredAttribute => ({ name: field.name, type: typeOf(field) });

/** The status is stored as the number of its enum, whatever a filter calls it. */
const typeOf = (field: Field): StoredType =>
  field.kind === 'system' && field.name === 'ExecutionStatus' ? 'number' : storedType(field.type);

export function storedType(type: SearchAttributeType): StoredType {
  switch (type) {
    case 'Keyword':
      return 'keyword';
    case 'Bool':
      return 'bool';
    case 'Text':
      return 'text';
    case 'KeywordList':
      return 'list';
    case 'Int':
    case 'Double':
    case 'Datetime':
      return 'number';
    default:
      return type satisfies never;
  }
}
