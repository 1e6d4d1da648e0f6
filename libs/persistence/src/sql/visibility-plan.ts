import { type Condition, type Field, OPEN_RUN_CLOSE_TIME_MS, type Scalar } from '@duramesh/visibility';
import type { ListCursor } from '../api/visibility-store.ts';
import { openStatuses } from '../visibility-fields.ts';
import { OPEN_KEY } from './visibility-filter.ts';

/** Where a run stands in its namespace's list: `close_key`, `start_key`, `run_id`, all ascending. */
export type ListKey = readonly [closeKey: number, startKey: number, runId: string];

/** A list is read in stretches of this many runs, growing, so that a filter that matches little holds up nobody else. */
export const FIRST_STRETCH = 256;
export const LONGEST_STRETCH = 4_096;
/** With at most this many candidates, they are looked at one by one instead. */
export const FEW_CANDIDATES = 1_000;

/** Beyond every time on either side. */
const FAR = Number.MAX_SAFE_INTEGER;
const START: ListKey = [-FAR, -FAR, ''];
const END: ListKey = [FAR, FAR, ''];
const LAST_OPEN: ListKey = [OPEN_KEY, FAR, ''];

/** How to find the runs a filter matches without reading all of them. */
export interface ListPlan {
  readonly where: Condition | undefined;
  /** The part of the list that can match: after the first key, up to the second one. */
  readonly after: ListKey;
  readonly until: ListKey;
  /** Equalities that all matching runs fulfil and that an index answers: good if few do. */
  readonly drivers: readonly Driver[];
}

export interface Driver {
  readonly field: Field;
  /** One of these. */
  readonly values: readonly Scalar[];
}

export function planList(condition: Condition | undefined): ListPlan {
  const where = condition && withMergedEqualities(condition);
  const required = where === undefined ? [] : requiredTerms(where);
  let after = START;
  let until = END;
  for (const term of required) {
    const range = rangeOf(term);
    after = laterKey(after, range.after);
    until = earlierKey(until, range.until);
  }
  return { where, after, until, drivers: required.flatMap((term) => driverOf(term) ?? []) };
}

/** Terms every matching row makes true. */
function requiredTerms(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.terms.flatMap(requiredTerms) : [condition];
}

/** `a = 1 OR a = 2` as `a IN (1, 2)`: people write long ones, and each term on an attribute is a query of its own. */
function withMergedEqualities(condition: Condition): Condition {
  if (condition.kind === 'not') return { kind: 'not', term: withMergedEqualities(condition.term) };
  if (condition.kind !== 'and' && condition.kind !== 'or') return condition;
  const terms = condition.terms.map(withMergedEqualities);
  if (condition.kind === 'and') return { kind: 'and', terms };
  const merged = new Map<string, { readonly field: Field; readonly values: Scalar[] }>();
  const others: Condition[] = [];
  for (const term of terms) {
    const values = equalValues(term);
    if (values === undefined || !('field' in term)) {
      others.push(term);
      continue;
    }
    const { kind, name, type } = term.field;
    const group = merged.get(`${kind} ${type} ${name}`) ?? { field: term.field, values: [] };
    merged.set(`${kind} ${type} ${name}`, group);
    group.values.push(...values);
  }
  for (const { field, values } of merged.values()) others.push({ kind: 'in', field, negated: false, values });
  const [only] = others;
  return only !== undefined && others.length === 1 ? only : { kind: 'or', terms: others };
}

interface Range {
  readonly after: ListKey;
  readonly until: ListKey;
}
const WHOLE: Range = { after: START, until: END };

function rangeOf(term: Condition): Range {
  if (!('field' in term) || term.field.kind !== 'system') return WHOLE;
  if (term.field.name === 'ExecutionStatus') return statusRange(term);
  if (term.field.name !== 'CloseTime') return WHOLE;
  if (term.kind === 'isNull')
    return term.negated ? { after: LAST_OPEN, until: END } : { after: START, until: LAST_OPEN };
  if (term.kind === 'between' && !term.negated) return closeRange(Number(term.low), Number(term.high));
  if (term.kind !== 'compare') return WHOLE;
  const time = Number(term.value);
  switch (term.operator) {
    case '=':
      return closeRange(time, time);
    case '<':
    case '<=':
      return closeRange(-FAR, time);
    case '>':
    case '>=':
      return closeRange(time, FAR);
    case '!=':
      return WHOLE;
    default:
      return term.operator satisfies never;
  }
}

const closeRange = (fromMs: number, untilMs: number): Range => ({
  after: [-untilMs, -FAR, ''],
  until: [-fromMs, FAR, ''],
});

function statusRange(term: Condition): Range {
  const statuses = equalValues(term) ?? [];
  if (statuses.length === 0) return WHOLE;
  if (statuses.every((status) => openStatuses.has(status))) return { after: START, until: LAST_OPEN };
  if (statuses.every((status) => !openStatuses.has(status))) return { after: LAST_OPEN, until: END };
  return WHOLE;
}

/** The values one of which the field must equal, if that is what the term says. */
function equalValues(term: Condition): readonly Scalar[] | undefined {
  if (term.kind === 'in' && !term.negated) return term.values;
  return term.kind === 'compare' && term.operator === '=' ? [term.value] : undefined;
}

function driverOf(term: Condition): Driver | undefined {
  const values = equalValues(term);
  if (values === undefined || !('field' in term)) return undefined;
  const { field } = term;
  return field.kind === 'attribute' || field.name === 'WorkflowId' ? { field, values } : undefined;
}

export const keyOf = (cursor: ListCursor): ListKey => [
  0 - (cursor.closeTimeMs ?? OPEN_RUN_CLOSE_TIME_MS),
  0 - cursor.startTimeMs,
  cursor.runId,
];

/** Plain `<` will do for run ids here: equal times with other run ids only come from cursors of this store. */
const isBefore = (a: ListKey, b: ListKey): boolean =>
  a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2];

export const laterKey = (a: ListKey, b: ListKey): ListKey => (isBefore(a, b) ? b : a);
const earlierKey = (a: ListKey, b: ListKey): ListKey => (isBefore(a, b) ? a : b);
