import { type CustomSearchAttributes, NAMESPACE_DIVISION, resolveField } from './catalogue.ts';
import type { CompareOperator, Condition, Field, SearchAttributeType } from './list-filter.ts';
import {
  type ComparisonNode,
  format,
  invalidExpression,
  type Node,
  notSupported,
  type RangeNode,
  type SyntaxOperator,
  typeName,
} from './syntax.ts';
import { scalarOf } from './values.ts';

const EQUALITY: readonly SyntaxOperator[] = ['=', '!='];
const MEMBERSHIP: readonly SyntaxOperator[] = [...EQUALITY, 'in', 'not in'];
const ORDER: readonly SyntaxOperator[] = [...MEMBERSHIP, '<', '<=', '>', '>='];
const KEYWORD: readonly SyntaxOperator[] = [...ORDER, 'starts_with', 'not starts_with'];
const SUPPORTED: ReadonlySet<SyntaxOperator> = new Set(KEYWORD);

const operatorsOf: Readonly<Record<SearchAttributeType, ReadonlySet<SyntaxOperator>>> = {
  Keyword: SUPPORTED,
  KeywordList: new Set(MEMBERSHIP),
  Text: new Set(EQUALITY),
  Int: new Set(ORDER),
  Double: new Set(ORDER),
  Datetime: new Set(ORDER),
  Bool: new Set(MEMBERSHIP),
};

const WITH_RANGES: ReadonlySet<SearchAttributeType> = new Set(['Datetime', 'Double', 'Int', 'Keyword']);
const GROUPABLE: ReadonlySet<string> = new Set(['ExecutionStatus', NAMESPACE_DIVISION]);

/** A field as a query named it. */
export interface ResolvedField {
  readonly alias: string;
  readonly field: Field;
  /** Put before every value it is compared with. */
  readonly valuePrefix: string;
}

/** Turns what was written into a condition: resolves names, checks types and operators, decodes values. */
export class Checker {
  readonly #customAttributes: CustomSearchAttributes;
  #mentionsDivision = false;

  constructor(customAttributes: CustomSearchAttributes) {
    this.#customAttributes = customAttributes;
  }

  /** True once the query named the namespace division: then it says itself which divisions it is about. */
  get mentionsDivision(): boolean {
    return this.#mentionsDivision;
  }

  condition(node: Node): Condition {
    switch (node.kind) {
      case 'and':
      case 'or':
        return { kind: node.kind, terms: node.terms.map((term) => this.condition(term)) };
      case 'not':
        return { kind: 'not', term: this.condition(node.term) };
      case 'paren':
        return this.condition(node.term);
      case 'compare':
        return this.#comparison(node);
      case 'range':
        return this.#range(node);
      case 'is':
        return this.#isNull(node.term, node.suffix);
      case 'function':
        throw notSupported('function expression');
      case 'column':
        throw invalidExpression('incomplete expression');
      default:
        throw notSupported(`expression of type ${typeName(node)}`);
    }
  }

  groupField(node: Node): Field {
    const { alias, field } = this.#resolve(node);
    if (GROUPABLE.has(field.name)) return field;
    throw notSupported(`'GROUP BY' clause is not supported for search attribute ${alias}`);
  }

  #comparison(node: ComparisonNode): Condition {
    const { operator } = node;
    if (!SUPPORTED.has(operator)) throw invalidExpression(`invalid operator '${operator}' in \`${format(node)}\``);
    const resolved = this.#resolve(node.left);
    const { field } = resolved;
    const nodes = node.right.kind === 'tuple' ? node.right.items : [node.right];
    for (const value of nodes) refuseNonLiteral(value);
    if (!operatorsOf[field.type].has(operator)) {
      const text = format({ ...node, left: { kind: 'column', name: resolved.alias } });
      throw invalidExpression(
        `operator '${operator}' not supported for ${field.type} type search attribute in \`${text}\``,
      );
    }
    if (operator === 'in' || operator === 'not in') {
      const values = nodes.map((value) => scalarOf(value, resolved));
      return { kind: 'in', field, negated: operator === 'not in', values };
    }
    const value = scalarOf(node.right, resolved);
    if (operator !== 'starts_with' && operator !== 'not starts_with') {
      return { kind: 'compare', field, operator: operator as CompareOperator, value };
    }
    if (typeof value === 'string') {
      return { kind: 'startsWith', field, negated: operator === 'not starts_with', prefix: value };
    }
    throw invalidExpression(`right-hand side of '${operator}' must be a literal string (got: ${String(value)})`);
  }

  #range(node: RangeNode): Condition {
    const resolved = this.#resolve(node.left);
    const { alias, field } = resolved;
    if (!WITH_RANGES.has(field.type)) {
      throw invalidExpression(`cannot do range condition on search attribute '${alias}' of type ${field.type}`);
    }
    refuseNonLiteral(node.low);
    refuseNonLiteral(node.high);
    const [low, high] = [scalarOf(node.low, resolved), scalarOf(node.high, resolved)];
    return { kind: 'between', field, negated: node.negated, low, high };
  }

  #isNull(term: Node, suffix: string): Condition {
    const { field } = this.#resolve(term);
    if (suffix === 'is null') return { kind: 'isNull', field, negated: false };
    if (suffix === 'is not null') return { kind: 'isNull', field, negated: true };
    throw invalidExpression("'IS' operator can only be used with 'NULL' or 'NOT NULL'");
  }

  #resolve(node: Node): ResolvedField {
    if (node.kind !== 'column') throw invalidExpression(`must be a column name but was ${typeName(node)}`);
    const resolved = resolveField(node.name, this.#customAttributes);
    if (resolved === undefined) {
      throw invalidExpression(`column name '${node.name}' is not a valid search attribute`);
    }
    if (resolved.field.name === NAMESPACE_DIVISION) this.#mentionsDivision = true;
    return { alias: node.name, ...resolved };
  }
}

function refuseNonLiteral(node: Node): void {
  if (node.kind === 'string' || node.kind === 'number' || node.kind === 'bool') return;
  if (node.kind === 'function') throw notSupported('nested func');
  if (node.kind === 'column') {
    throw notSupported(
      `column name on the right side of comparison expression (did you forget to quote '${format(node)}'?)`,
    );
  }
  throw invalidExpression(`unexpected value type ${typeName(node)}`);
}
