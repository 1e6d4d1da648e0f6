import { unreachable } from '@duramesh/runtime';
import type { CompareOperator, Condition, Field, Scalar, SearchAttributeValue } from './list-filter.ts';
import { compareKeywords, textTokens } from './text.ts';

/** What comparisons take for the CloseTime of an open run: 9999-12-31T23:59:59Z. */
export const OPEN_RUN_CLOSE_TIME_MS = 253_402_300_799_000;

/**
 * The value of a row's field; undefined is SQL's null. ExecutionStatus is an Int (the number of the enum),
 * ExecutionDuration an Int in milliseconds, a missing parent undefined.
 */
export type FieldLookup = (field: Field) => SearchAttributeValue | undefined;

/** SQL's third truth value is undefined. */
type Truth = boolean | undefined;

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const negateIf = (negated: boolean, truth: Truth): Truth => (negated ? not(truth) : truth);

/** True when the row matches, with the null rules of SQL: a comparison with a field that is not set matches nothing. */
export function matchesCondition(condition: Condition | undefined, lookup: FieldLookup): boolean {
  return condition === undefined || evaluate(condition, lookup) === true;
}

function evaluate(condition: Condition, lookup: FieldLookup): Truth {
  switch (condition.kind) {
    case 'and':
      return every(condition.terms, lookup);
    case 'or':
      return some(condition.terms, lookup);
    case 'not':
      return not(evaluate(condition.term, lookup));
    case 'isNull':
      return (lookup(condition.field) === undefined) !== condition.negated;
    case 'compare':
      return compareField(comparable(condition.field, lookup), condition.operator, condition.value);
    case 'in': {
      const value = comparable(condition.field, lookup);
      return negateIf(condition.negated, anyOf(value, condition.values));
    }
    case 'between': {
      const value = comparable(condition.field, lookup);
      const above = compareField(value, '>=', condition.low);
      const below = compareField(value, '<=', condition.high);
      return negateIf(condition.negated, above === undefined || below === undefined ? undefined : above && below);
    }
    case 'startsWith': {
      const value = lookup(condition.field)?.value;
      return negateIf(condition.negated, typeof value === 'string' ? value.startsWith(condition.prefix) : undefined);
    }
    default:
      return unreachable(condition);
  }
}

function every(terms: readonly Condition[], lookup: FieldLookup): Truth {
  let result: Truth = true;
  for (const term of terms) {
    const truth = evaluate(term, lookup);
    if (truth === false) return false;
    if (truth === undefined) result = undefined;
  }
  return result;
}

function some(terms: readonly Condition[], lookup: FieldLookup): Truth {
  let result: Truth = false;
  for (const term of terms) {
    const truth = evaluate(term, lookup);
    if (truth === true) return true;
    if (truth === undefined) result = undefined;
  }
  return result;
}

function comparable(field: Field, lookup: FieldLookup): SearchAttributeValue | undefined {
  const value = lookup(field);
  if (value !== undefined || field.kind !== 'system' || field.name !== 'CloseTime') return value;
  return { type: 'Datetime', value: OPEN_RUN_CLOSE_TIME_MS };
}

function anyOf(value: SearchAttributeValue | undefined, candidates: readonly Scalar[]): Truth {
  let result: Truth = false;
  for (const candidate of candidates) {
    const truth = compareField(value, '=', candidate);
    if (truth === true) return true;
    if (truth === undefined) result = undefined;
  }
  return result;
}

/** A stored value of another type than the filter's (an attribute registered anew) counts as null. */
function compareField(stored: SearchAttributeValue | undefined, operator: CompareOperator, wanted: Scalar): Truth {
  if (stored === undefined) return undefined;
  if (stored.type === 'KeywordList') {
    if (typeof wanted !== 'string') return undefined;
    return equality(stored.value.includes(wanted), operator);
  }
  if (stored.type === 'Text') {
    if (typeof wanted !== 'string') return undefined;
    return equality(sharesToken(stored.value, wanted), operator);
  }
  const order = compareScalars(stored.value, wanted);
  return order === undefined ? undefined : holds(operator, order);
}

function equality(equal: boolean, operator: CompareOperator): Truth {
  if (operator === '=') return equal;
  return operator === '!=' ? !equal : undefined;
}

function sharesToken(text: string, wanted: string): boolean {
  const tokens = new Set(textTokens(text));
  return textTokens(wanted).some((token) => tokens.has(token));
}

function compareScalars(left: Scalar, right: Scalar): number | undefined {
  if (typeof left === 'string' && typeof right === 'string') return compareKeywords(left, right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return undefined;
}

function holds(operator: CompareOperator, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return unreachable(operator);
  }
}
