import type { Scalar } from '@duramesh/visibility';
import type { Dialect, StoredAttribute } from '../sql/dialect.ts';
import type { Sql } from '../sql/sql.ts';
import { sql, type SqlValue, valueList } from './literals.ts';

const exists = (where: Sql<SqlValue>): Sql<SqlValue> =>
  sql`EXISTS (SELECT 1 FROM visibility_attributes a WHERE a.visibility_id = v.id AND ${where})`;

const isOf = ({ name, type }: StoredAttribute): Sql<SqlValue> => sql`a.name = ${name} AND a.type = ${type}`;

/** Texts are bytes here, so that they compare exactly; an attribute is a word or a number. */
export const dialect: Dialect<SqlValue> = {
  yes: sql`TRUE`,
  no: sql`FALSE`,
  unknown: sql`NULL`,
  bind: (value) => sql`${bound(value)}`,
  startsWith: (text, prefix) => sql`(LOCATE(${prefix}, ${text}) = 1)`,
  attribute(attribute) {
    const column = attribute.type === 'keyword' ? sql`a.word` : sql`a.number`;
    const stored = sql`SELECT ${column} FROM visibility_attributes a WHERE a.visibility_id = v.id AND ${isOf(attribute)}`;
    return sql`(CASE WHEN v.has_attributes THEN (${stored}) END)`;
  },
  hasAttribute: (name) => sql`(v.has_attributes AND ${exists(sql`a.name = ${name}`)})`,
  hasElement(attribute, elements) {
    const isSet = exists(isOf(attribute));
    const has = exists(sql`${isOf(attribute)} AND ${isOneOf(elements)}`);
    return sql`(CASE WHEN v.has_attributes AND ${isSet} THEN ${has} END)`;
  },
};

const bound = (value: Scalar): SqlValue => (typeof value === 'boolean' ? Number(value) : value);

/** Whether a row of `visibility_attributes` holds one of the values, as its index finds it. */
export function isOneOf(values: readonly Scalar[]): Sql<SqlValue> {
  const wanted = valueList(values.map(bound));
  return typeof values[0] === 'string'
    ? sql`word IN (${wanted}) AND number = 0`
    : sql`word = '' AND number IN (${wanted})`;
}
