import type { CustomTypesConfig } from 'pg';

/** Object ids of the types that statements of this adapter select. @see https://www.postgresql.org/docs/current/catalog-pg-type.html */
const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const INT4 = 23;
const FLOAT8 = 701;

/** How the texts in which rows come become values. */
export const rowTypes: CustomTypesConfig = {
  getTypeParser: (type: number) => parsers[type] ?? stored,
};

const parsers: Readonly<Record<number, (value: string) => unknown>> = {
  [BOOL]: (value) => value === 't',
  // `\x` and hexadecimal digits.
  [BYTEA]: (value) => Buffer.from(value.slice(2), 'hex'),
  // Every int64 here is an id, a count or a size: see ARCHITECTURE.md.
  [INT8]: Number,
  [INT4]: Number,
  [FLOAT8]: Number,
};

/** PostgreSQL has no NUL in texts: a noncharacter, which texts do not hold, takes its place. */
const NUL_STORED = '\u{10FFFE}';

export const storable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', NUL_STORED) : text);
function stored(text: string): string {
  return text.includes(NUL_STORED) ? text.replaceAll(NUL_STORED, '\0') : text;
}

/** Literals of arrays, which the driver would take far longer to write. */
export const numberArray = (values: readonly number[]): string => `{${values.join(',')}}`;
export const booleanArray = (values: readonly boolean[]): string => `{${values.join(',')}}`;

export function textArray(values: readonly (string | null)[]): string {
  let literal = '{';
  for (const [i, value] of values.entries()) {
    if (i > 0) literal += ',';
    literal += value === null ? 'NULL' : `"${escaped(storable(value))}"`;
  }
  return `${literal}}`;
}

const SPECIAL = /["\\]/;
const escaped = (text: string): string => (SPECIAL.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text);

/**
 * Many values of bytes as one parameter: an array of them would have to be written out as text. Columns of values say where
 * each begins and how long it is.
 */
export class Blobs {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get byteLength(): number {
    return this.#length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }

  column(): BlobColumn {
    return new BlobColumn((bytes) => this.#add(bytes));
  }

  /** @returns where it begins, counted from 1, as `substr` does */
  #add(bytes: Uint8Array): number {
    const offset = this.#length + 1;
    this.#chunks.push(bytes);
    this.#length += bytes.byteLength;
    return offset;
  }
}

/** One value for each row of a statement. */
export class BlobColumn {
  readonly #append: (bytes: Uint8Array) => number;
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];

  constructor(append: (bytes: Uint8Array) => number) {
    this.#append = append;
  }

  /** What is not there has the length -1. */
  add(bytes: Uint8Array | undefined): void {
    this.#offsets.push(bytes === undefined ? 1 : this.#append(bytes));
    this.#lengths.push(bytes === undefined ? -1 : bytes.byteLength);
  }

  /** Offsets, then lengths. */
  get arrays(): readonly [string, string] {
    return [numberArray(this.#offsets), numberArray(this.#lengths)];
  }
}
