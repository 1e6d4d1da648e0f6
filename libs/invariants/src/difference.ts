const SHOWN_CHARS = 160;

/** Where two values made of objects, lists and scalars first differ, in words; undefined when they are alike. */
export function difference(actual: unknown, expected: unknown, path = ''): string | undefined {
  const trees = [treeOf(actual), treeOf(expected)] as const;
  if (trees[0] === undefined || trees[1] === undefined) {
    if (Object.is(actual, expected)) return undefined;
    return `${path} is ${shown(actual)} instead of ${shown(expected)}`;
  }
  for (const key of new Set([...trees[0].keys(), ...trees[1].keys()])) {
    const inner = path === '' ? key : `${path}.${key}`;
    const found = difference(trees[0].get(key), trees[1].get(key), inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

const treeOf = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
