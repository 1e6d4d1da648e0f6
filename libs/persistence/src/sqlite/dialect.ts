import type { Scalar } from '@duramesh/visibility';
import type { Dialect, StoredAttribute } from '../sql/dialect.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import type { SqlValue } from './statements.ts';

const exists = (where: Sql<SqlValue>): Sql<SqlValue> =>
  sql`EXISTS (SELECT 1 FROM visibility_attributes a WHERE a.visibility_id = v.id AND ${where})`;

const isOf = ({ name, type }: StoredAttribute): Sql<SqlValue> => sql`a.name = ${name} AND a.type = ${type}`;

/** SQLite compares texts by their bytes and stores any value in any column. */
export const dialect: Dialect<SqlValue> = {
  yes: sql`1`,
  no: sql`0`,
  unknown: sql`NULL`,
  bind: (value) => sql`${bound(value)}`,
  startsWith: (text, prefix) => sql`(instr(${text}, ${prefix}) = 1)`,
  attribute(attribute) {
    const stored = sql`SELECT a.value FROM visibility_attributes a WHERE a.visibility_id = v.id AND ${isOf(attribute)}`;
    return sql`(CASE WHEN v.has_attributes THEN (${stored}) END)`;
  },
  hasAttribute: (name) => sql`(v.has_attributes AND ${exists(sql`a.name = ${name}`)})`,
  hasElement(attribute, elements) {
    const isSet = exists(isOf(attribute));
    const has = exists(sql`${isOf(attribute)} AND a.value IN (${boundAll(elements)})`);
    return sql`(CASE WHEN v.has_attributes AND ${isSet} THEN ${has} END)`;
  },
};

const bound = (value: Scalar): SqlValue => (typeof value === 'boolean' ? Number(value) : value);

export const boundAll = (values: readonly Scalar[]): Sql<SqlValue> =>
  join(
    values.map((value) => sql`${bound(value)}`),
    ', ',
  );
