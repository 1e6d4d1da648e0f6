import type { Scalar } from '@duramesh/visibility';
import type { Dialect, StoredAttribute, StoredType } from '../sql/dialect.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import { storable, textArray } from './values.ts';

type Bound = string | number | null;
type Piece = Sql<Bound>;

const isText = (type: StoredType): boolean => type !== 'number' && type !== 'bool';

const bind = (value: Scalar, type: StoredType): Piece =>
  isText(type) ? sql<Bound>`${storable(String(value))}::text` : sql<Bound>`${Number(value)}::float8`;

const stored = ({ name, type }: StoredAttribute): Piece => sql<Bound>`(v.attributes -> ${name}::text -> ${type}::text)`;

/** Parameters have no type of their own, texts compare by their bytes, and attributes are one JSON document of a row. */
export const dialect: Dialect<Bound> = {
  yes: sql<Bound>`true`,
  no: sql<Bound>`false`,
  unknown: sql<Bound>`NULL::bool`,
  bind,
  startsWith: (text, prefix) => sql<Bound>`starts_with(${text}, ${storable(prefix)}::text)`,
  attribute(attribute) {
    if (!isText(attribute.type)) return sql<Bound>`(${stored(attribute)})::float8`;
    return sql<Bound>`((${stored(attribute)} #>> '{}') COLLATE "C")`;
  },
  hasAttribute: (name) => sql<Bound>`coalesce(jsonb_exists(v.attributes, ${name}::text), false)`,
  hasElement: (attribute, elements) =>
    sql<Bound>`jsonb_exists_any(${stored(attribute)}, ${textArray(elements.map(String))}::text[])`,
};

/** True for rows that have one of these values, by the index on attributes. */
export function hasValue({ name, type }: StoredAttribute, values: readonly Scalar[]): Piece {
  const wanted = values.map((value) => {
    const one = isText(type) ? storable(String(value)) : Number(value);
    const document = { [name]: { [type]: type === 'list' || type === 'text' ? [one] : one } };
    return sql<Bound>`v.attributes @> ${JSON.stringify(document)}::jsonb`;
  });
  return wanted.length === 0 ? dialect.no : sql<Bound>`(${join(wanted, ' OR ')})`;
}
