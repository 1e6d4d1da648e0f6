import { Buffer } from 'node:buffer';
import { assert } from '@duramesh/runtime';
import { join, plain, type Sql, sql as template, textOf } from '../sql/sql.ts';

export type SqlValue = string | number | Uint8Array | null;

export const sql = template<SqlValue>;

/**
 * A value as it stands in a statement. Texts and bytes become hexadecimal digits, so that nothing a caller says can become
 * SQL, whatever the character set or the SQL mode; all texts are stored as bytes, compared to the last of them.
 */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return numberLiteral(value);
  const bytes = typeof value === 'string' ? Buffer.from(value) : viewOf(value);
  return `x'${bytes.toString('hex')}'`;
}

/** Integers have no exponent, doubles always do: without one the server would take them for decimals. */
function numberLiteral(value: number): string {
  assert(Number.isFinite(value), 'a number that is stored is finite');
  return Number.isSafeInteger(value) ? String(value) : value.toExponential();
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The text of a statement with its values in their places. */
export function render({ parts, values }: Sql<SqlValue>): string {
  return textOf({ parts, values }, (number) => literal(values[number - 1] ?? null));
}

/** What stands between the brackets of IN; without values it holds for no row. */
export const valueList = (values: readonly SqlValue[]): Sql<SqlValue> =>
  values.length === 0
    ? sql`NULL`
    : join(
        values.map((value) => sql`${value}`),
        ', ',
      );

/**
 * Rows behind a position in the order of columns of an index, written out column by column: a comparison of tuples would
 * be no range of the index.
 */
export function isBehind(columns: readonly string[], position: readonly SqlValue[]): Sql<SqlValue> {
  const [column = '', ...others] = columns;
  const [value = null, ...rest] = position;
  if (others.length === 0) return sql`${plain(column)} > ${value}`;
  return sql`(${plain(column)} > ${value} OR (${plain(column)} = ${value} AND ${isBehind(others, rest)}))`;
}

/** Texts come as bytes. */
export const textIn = (bytes: Uint8Array): string => viewOf(bytes).toString('utf8');
