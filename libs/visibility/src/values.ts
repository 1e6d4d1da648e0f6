import type { ResolvedField } from './checker.ts';
import { nanosToMs, parseDatetime, parseDuration, parseInt64 } from './literals.ts';
import type { Scalar } from './list-filter.ts';
import { format, invalidExpression, type Node, QueryRefusal } from './syntax.ts';
import { textTokens } from './text.ts';

/** A literal of a query. */
type Literal = bigint | number | string | boolean;

const statusNames: readonly string[] = [
  'Unspecified',
  'Running',
  'Completed',
  'Failed',
  'Canceled',
  'Terminated',
  'ContinuedAsNew',
  'TimedOut',
  'Paused',
];

const statusNumbers: ReadonlyMap<string, number> = new Map(
  statusNames.flatMap((name, status): [string, number][] => [
    [name, status],
    [`WORKFLOW_EXECUTION_STATUS${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`, status],
  ]),
);

/** The value a field is compared with, in the field's own type. @throws QueryRefusal when it has another one */
export function scalarOf(node: Node, resolved: ResolvedField): Scalar {
  const literal = literalOf(node);
  const { field } = resolved;
  if (field.kind === 'system' && field.name === 'ExecutionStatus') return statusOf(literal, resolved);
  if (field.kind === 'system' && field.name === 'ExecutionDuration') return durationOf(literal, resolved);
  switch (field.type) {
    case 'Keyword':
      return resolved.valuePrefix + stringOf(literal, resolved);
    case 'KeywordList':
      if (typeof literal === 'string') return literal;
      throw invalidExpression(`unexpected value type (expected string, got ${format(node)})`);
    case 'Text':
      return tokensOf(literal, node);
    case 'Int':
    case 'Double':
      return numberOf(literal, resolved);
    case 'Bool':
      return boolOf(literal, resolved);
    case 'Datetime':
      return datetimeOf(literal, resolved);
    default:
      throw wrongType(literal, resolved);
  }
}

function literalOf(node: Node): Literal {
  if (node.kind === 'string' || node.kind === 'bool') return node.value;
  const text = node.kind === 'number' ? node.text : '';
  const whole = parseInt64(text);
  if (whole !== undefined) return whole;
  const number = /^-?0x/i.test(text) || text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  throw invalidExpression(`unable to parse ${format(node)}`);
}

function wrongType(literal: Literal, { alias, field }: ResolvedField): QueryRefusal {
  return invalidExpression(
    `invalid value type for search attribute ${alias} of type ${field.type}: ${String(literal)}`,
  );
}

function unexpectedFloat({ alias }: ResolvedField): QueryRefusal {
  return invalidExpression(`unexpected value type float64 for search attribute ${alias}`);
}

function stringOf(literal: Literal, resolved: ResolvedField): string {
  if (typeof literal === 'string') return literal;
  throw wrongType(literal, resolved);
}

function statusOf(literal: Literal, resolved: ResolvedField): number {
  if (typeof literal === 'bigint') return Number(literal);
  if (typeof literal === 'number') throw unexpectedFloat(resolved);
  const status = statusNumbers.get(String(literal));
  if (status === undefined) throw invalidExpression(`invalid ExecutionStatus value '${String(literal)}'`);
  return status;
}

function durationOf(literal: Literal, resolved: ResolvedField): number {
  if (typeof literal === 'bigint') return nanosToMs(literal);
  if (typeof literal === 'number') return literal / 1e6;
  if (typeof literal === 'boolean') throw wrongType(literal, resolved);
  const duration = parseDuration(literal);
  if (duration !== undefined) return duration;
  throw new QueryRefusal(`invalid value for search attribute ${resolved.alias}: ${literal} (invalid duration)`);
}

/** Numbers in quotes are taken for what they say. */
function numberOf(literal: Literal, resolved: ResolvedField): number {
  if (typeof literal === 'bigint') return Number(literal);
  if (typeof literal === 'number') return literal;
  if (typeof literal === 'string' && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(literal))
    return Number(literal);
  throw wrongType(literal, resolved);
}

function boolOf(literal: Literal, resolved: ResolvedField): boolean {
  const text = String(literal).toLowerCase();
  if (typeof literal === 'boolean' || typeof literal === 'string') {
    if (text === 'true') return true;
    if (text === 'false') return false;
  }
  throw wrongType(literal, resolved);
}

function datetimeOf(literal: Literal, resolved: ResolvedField): number {
  if (typeof literal === 'bigint') return nanosToMs(literal);
  if (typeof literal === 'number') throw unexpectedFloat(resolved);
  if (typeof literal === 'boolean') throw wrongType(literal, resolved);
  const time = parseDatetime(literal);
  if (time === undefined) throw invalidExpression(`unable to parse datetime '${literal}'`);
  return time;
}

function tokensOf(literal: Literal, node: Node): string {
  if (typeof literal !== 'string') {
    throw invalidExpression(`unexpected value type (expected string, got ${format(node)})`);
  }
  const tokens = textTokens(literal);
  if (tokens.length > 0) return tokens.join(' ');
  throw invalidExpression(`unexpected value for Text type search attribute (no tokens found in ${format(node)})`);
}
