const GAP = '  ';
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** Rows under a head, each column as wide as what it holds. Columns of numbers stand right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, at) => Math.max(...texts.map((row) => (row[at] ?? '').length)));
  const isNumber = head.map((_, at) => rows.length > 0 && rows.every((row) => NUMBER.test(String(row[at]))));
  const line = (row: readonly string[]): string => {
    const cells = row.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)));
    return cells.join(GAP).trimEnd();
  };
  return `${texts.map(line).join('\n')}\n`;
}
