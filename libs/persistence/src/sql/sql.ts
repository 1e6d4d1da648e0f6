/** A piece of SQL and the values of its placeholders, which stand between its parts. */
export interface Sql<V> {
  /** One more than there are values. */
  readonly parts: readonly string[];
  readonly values: readonly V[];
}

const isSql = <V>(insert: Sql<V> | V): insert is Sql<V> =>
  typeof insert === 'object' && insert !== null && 'parts' in insert && 'values' in insert;

/**
 * A template of SQL: what is inserted is another piece, or a value and then a placeholder. Text comes from the sources of
 * this program alone, so nothing a caller says can become part of a statement.
 */
export function sql<V>(texts: TemplateStringsArray, ...inserts: readonly (Sql<V> | V)[]): Sql<V> {
  const parts: string[] = [];
  const values: V[] = [];
  let part = texts[0] ?? '';
  for (const [i, insert] of inserts.entries()) {
    const next = texts[i + 1] ?? '';
    if (!isSql(insert)) {
      parts.push(part);
      values.push(insert);
      part = next;
      continue;
    }
    const [first = '', ...others] = insert.parts;
    const last = others.pop();
    if (last === undefined) part += first + next;
    else {
      parts.push(part + first, ...others);
      part = last + next;
    }
    values.push(...insert.values);
  }
  parts.push(part);
  return { parts, values };
}

/** A name or a literal of this program's own. */
export const plain = (text: string): Sql<never> => ({ parts: [text], values: [] });

/** `a, b, c`: pieces with a separator of this program's own between them. */
export function join<V>(pieces: readonly Sql<V>[], separator: ', ' | ' AND ' | ' OR '): Sql<V> {
  const parts: string[] = [];
  let part = '';
  for (const [i, piece] of pieces.entries()) {
    const [first = '', ...others] = piece.parts;
    part += (i > 0 ? separator : '') + first;
    const last = others.pop();
    if (last === undefined) continue;
    parts.push(part, ...others);
    part = last;
  }
  return { parts: [...parts, part], values: pieces.flatMap(({ values }) => values) };
}

/** The text for a driver that counts placeholders from 1, or, like SQLite and MySQL, takes `?` for each. */
export function textOf(piece: Sql<unknown>, placeholder: (number: number) => string): string {
  const [first = '', ...others] = piece.parts;
  return others.reduce((text, part, i) => text + placeholder(i + 1) + part, first);
}
