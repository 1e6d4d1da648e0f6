import { booleanArray, BlobColumn, type Blobs, numberArray, textArray } from './values.ts';

export type ColumnType = 'int4' | 'int8' | 'float8' | 'bool' | 'text' | 'jsonb' | 'blob';
export type Columns = Readonly<Record<string, ColumnType>>;

interface ValueOf {
  readonly int4: number;
  readonly int8: number;
  readonly float8: number;
  readonly bool: boolean;
  readonly text: string | null;
  /** As JSON, in which NUL has been replaced. */
  readonly jsonb: string | null;
  readonly blob: Uint8Array | undefined;
}
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ValueOf[C[Name]] };

const sqlTypes = { int4: 'int4', int8: 'int8', float8: 'float8', bool: 'bool', text: 'text', jsonb: 'jsonb' } as const;

/**
 * Rows that a statement takes as one array for each column. Its first parameter holds the bytes of all: a column `data` of
 * type `blob` is seen as `data_at` and `data_length`.
 */
export class RowSet<C extends Columns> {
  readonly columns: C;
  /** `unnest($2::text[], …) WITH ORDINALITY AS i (name, …, n)`, in which `n` counts the rows from 1. */
  readonly from: string;
  readonly firstParameter: number;
  readonly nextParameter: number;

  constructor(columns: C, firstParameter: number) {
    this.columns = columns;
    this.firstParameter = firstParameter;
    const arrays: string[] = [];
    const names: string[] = [];
    const add = (name: string, type: string): void => {
      arrays.push(`$${firstParameter + arrays.length}::${type}[]`);
      names.push(name);
    };
    for (const [name, type] of Object.entries(columns)) {
      if (type !== 'blob') add(name, sqlTypes[type]);
      else for (const part of ['at', 'length']) add(`${name}_${part}`, 'int4');
    }
    this.from = `unnest(${arrays.join(', ')}) WITH ORDINALITY AS i (${names.join(', ')}, n)`;
    this.nextParameter = firstParameter + arrays.length;
  }
}

/** The bytes of a blob of row `i`; null where there are none. */
export const blobOf = (name: string): string =>
  `CASE WHEN i.${name}_length >= 0 THEN substr($1::bytea, i.${name}_at, i.${name}_length) END`;

/** The values for a set of rows. */
export class Rows<C extends Columns> {
  readonly #columns: readonly (readonly [name: string, type: ColumnType, values: unknown[] | BlobColumn])[];
  #count = 0;

  constructor(set: RowSet<C>, blobs: Blobs) {
    this.#columns = Object.entries(set.columns).map(([name, type]) => {
      return [name, type, type === 'blob' ? blobs.column() : []];
    });
  }

  get count(): number {
    return this.#count;
  }

  /** @returns the number of the row, counted from 1 */
  add(row: RowOf<C>): number {
    for (const [name, , values] of this.#columns) {
      const value: unknown = row[name];
      if (values instanceof BlobColumn) values.add(value as Uint8Array | undefined);
      else values.push(value);
    }
    return ++this.#count;
  }

  parameters(): string[] {
    return this.#columns.flatMap(([, type, values]) => {
      if (values instanceof BlobColumn) return values.arrays;
      return [arrayOf(type, values)];
    });
  }
}

function arrayOf(type: ColumnType, values: unknown[]): string {
  if (type === 'text' || type === 'jsonb') return textArray(values as (string | null)[]);
  return type === 'bool' ? booleanArray(values as boolean[]) : numberArray(values as number[]);
}
