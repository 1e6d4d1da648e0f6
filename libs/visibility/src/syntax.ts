import { unreachable } from '@duramesh/runtime';

/** `not in`, `like`, …: the spelling of error messages. */
export type SyntaxOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<=>'
  | 'in'
  | 'not in'
  | 'like'
  | 'not like'
  | 'regexp'
  | 'not regexp'
  | 'starts_with'
  | 'not starts_with';

/** An expression as it was written: names not resolved, types not checked. */
export type Node =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Node[] }
  | { readonly kind: 'not' | 'paren'; readonly term: Node }
  | ComparisonNode
  | RangeNode
  | { readonly kind: 'is'; readonly term: Node; readonly suffix: string }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'tuple'; readonly items: readonly Node[] }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly term: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node };

export interface ComparisonNode {
  readonly kind: 'compare';
  readonly left: Node;
  readonly operator: SyntaxOperator;
  readonly right: Node;
}

export interface RangeNode {
  readonly kind: 'range';
  readonly left: Node;
  readonly negated: boolean;
  readonly low: Node;
  readonly high: Node;
}

/** A whole query. */
export interface Statement {
  readonly where: Node | undefined;
  readonly groupBy: readonly Node[];
  readonly ordered: boolean;
  readonly limited: boolean;
}

/** Why a query is refused; caught at the door of this package and never seen outside. */
export class QueryRefusal extends Error {
  override readonly name = 'QueryRefusal';
}

export const invalidExpression = (detail: string): QueryRefusal => new QueryRefusal(`invalid expression: ${detail}`);
export const notSupported = (detail: string): QueryRefusal => new QueryRefusal(`operation is not supported: ${detail}`);

const typeNames: Readonly<Record<Node['kind'], string>> = {
  and: '*sqlparser.AndExpr',
  or: '*sqlparser.OrExpr',
  not: '*sqlparser.NotExpr',
  paren: '*sqlparser.ParenExpr',
  compare: '*sqlparser.ComparisonExpr',
  range: '*sqlparser.RangeCond',
  is: '*sqlparser.IsExpr',
  column: '*sqlparser.ColName',
  string: '*sqlparser.SQLVal',
  number: '*sqlparser.SQLVal',
  bool: 'sqlparser.BoolVal',
  null: '*sqlparser.NullVal',
  tuple: 'sqlparser.ValTuple',
  function: '*sqlparser.FuncExpr',
  unary: '*sqlparser.UnaryExpr',
  binary: '*sqlparser.BinaryExpr',
};

/** What clients know a kind of expression by: the reference's error messages carry its type names. */
export const typeName = (node: Node): string => typeNames[node.kind];

const PLAIN_NAME = /^[A-Za-z_@][A-Za-z0-9_@]*$/;

/** The canonical text of an expression, for error messages. */
export function format(node: Node): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.terms.map(format).join(` ${node.kind} `);
    case 'not':
      return `not ${format(node.term)}`;
    case 'paren':
      return `(${format(node.term)})`;
    case 'compare':
      return `${format(node.left)} ${node.operator} ${format(node.right)}`;
    case 'range':
      return `${format(node.left)} ${node.negated ? 'not ' : ''}between ${format(node.low)} and ${format(node.high)}`;
    case 'is':
      return `${format(node.term)} ${node.suffix}`;
    case 'column':
      return node.name.split('.').every((part) => PLAIN_NAME.test(part)) ? node.name : `\`${node.name}\``;
    case 'string':
      return `'${node.value.replace(/['\\]/g, '\\$&')}'`;
    case 'number':
      return node.text;
    case 'bool':
      return String(node.value);
    case 'null':
      return 'null';
    case 'tuple':
      return `(${node.items.map(format).join(', ')})`;
    case 'function':
      return `${node.name}(${node.args.map(format).join(', ')})`;
    case 'unary':
      return `${node.operator}${format(node.term)}`;
    case 'binary':
      return `${format(node.left)} ${node.operator} ${format(node.right)}`;
    default:
      return unreachable(node);
  }
}
