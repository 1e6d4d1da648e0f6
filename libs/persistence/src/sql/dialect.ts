import type { Scalar } from '@duramesh/visibility';
import type { Sql } from './sql.ts';

/** How a value is stored; a filter of another type does not see it. */
export type StoredType = 'keyword' | 'number' | 'bool' | 'text' | 'list';

/** An attribute that a filter names. */
export interface StoredAttribute {
  readonly name: string;
  readonly type: StoredType;
}

/**
 * What the SQL of one database says differently. `V` is what its driver binds. The list entry is the row `v`, the run it
 * belongs to has the same id; conditions are true, false or null as SQL has it.
 */
export interface Dialect<V> {
  readonly yes: Sql<V>;
  readonly no: Sql<V>;
  readonly unknown: Sql<V>;
  /** A value to be compared with what is stored as such a type. */
  bind(value: Scalar, type: StoredType): Sql<V>;
  /** Whether a text begins with another, to the byte. */
  startsWith(text: Sql<V>, prefix: string): Sql<V>;
  /** The value of an attribute that can have one only, or null. */
  attribute(attribute: StoredAttribute): Sql<V>;
  hasAttribute(name: string): Sql<V>;
  /** Whether a list has one of the elements, or a text one of the words; null when the attribute is not set. */
  hasElement(attribute: StoredAttribute, elements: readonly Scalar[]): Sql<V>;
}
