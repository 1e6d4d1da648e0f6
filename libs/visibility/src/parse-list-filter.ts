import { type CustomSearchAttributes, NAMESPACE_DIVISION } from './catalogue.ts';
import { Checker } from './checker.ts';
import type { Condition, ListFilter } from './list-filter.ts';
import { parseStatement } from './parser.ts';
import { notSupported, QueryRefusal, type Statement } from './syntax.ts';

export interface ListFilterContext {
  readonly customAttributes: CustomSearchAttributes;
  /** Counts may group, lists may not. */
  readonly forCount: boolean;
}

/** A refusal's message is the text of the INVALID_ARGUMENT error. */
export type ListFilterResult =
  | { readonly ok: true; readonly filter: ListFilter }
  | { readonly ok: false; readonly message: string };

/** Parses, resolves and checks the query of a list or count. Runs of other divisions stay out unless it names them. */
export function parseListFilter(text: string, context: ListFilterContext): ListFilterResult {
  try {
    return { ok: true, filter: check(parseStatement(text), context) };
  } catch (error) {
    if (error instanceof QueryRefusal) return { ok: false, message: `invalid query: ${error.message}` };
    throw error;
  }
}

function check(statement: Statement, { customAttributes, forCount }: ListFilterContext): ListFilter {
  if (statement.ordered) throw notSupported("'ORDER BY' clause");
  if (statement.limited) throw notSupported("'LIMIT' clause");
  const checker = new Checker(customAttributes);
  const where = statement.where && checker.condition(statement.where);
  if (statement.groupBy.length > 1) throw notSupported("'GROUP BY' clause supports only a single field");
  const [group] = statement.groupBy;
  const groupBy = group && checker.groupField(group);
  if (groupBy !== undefined && !forCount) throw notSupported("'GROUP BY' clause");
  return { where: checker.mentionsDivision ? where : inDefaultDivision(where), groupBy };
}

const noDivision: Condition = {
  kind: 'isNull',
  field: { kind: 'attribute', name: NAMESPACE_DIVISION, type: 'Keyword' },
  negated: false,
};

function inDefaultDivision(where: Condition | undefined): Condition {
  return where === undefined ? noDivision : { kind: 'and', terms: [where, noDivision] };
}
