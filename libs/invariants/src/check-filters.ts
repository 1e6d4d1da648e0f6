import type { ExecutionKey, Store, VisibilityRow } from '@duramesh/persistence';
import { type Condition, type SearchAttributeValue, textTokens } from '@duramesh/visibility';
import type { Broken } from './broken.ts';
import { listed } from './read-run.ts';

/** Filters are kept short, as people's are. */
const MAXIMUM_TERMS = 20;

/** S7: asks for the run by its search attributes, as people do. */
export async function checkFilters(
  store: Store,
  key: ExecutionKey,
  expected: VisibilityRow,
): Promise<readonly Broken[]> {
  const terms = [...expected.searchAttributes].flatMap(([name, value]) => termsOf(name, value));
  const broken: Broken[] = [];
  for (let i = 0; i < terms.length; i += MAXIMUM_TERMS) {
    const some = terms.slice(i, i + MAXIMUM_TERMS);
    if ((await listed(store, key, some)).length === 1) continue;
    const names = [...new Set(some.map((term) => ('field' in term ? term.field.name : '')))];
    broken.push({ claim: 'S7', text: `filters do not find it by its search attributes (${names.join(', ')})` });
  }
  return broken;
}

function termsOf(name: string, { type, value }: SearchAttributeValue): readonly Condition[] {
  const equals = (wanted: string | number | boolean): Condition => ({
    kind: 'compare',
    field: { kind: 'attribute', name, type },
    operator: '=',
    value: wanted,
  });
  if (typeof value === 'object') return value.map(equals);
  if (type === 'Text') return textTokens(value).map(equals);
  return [equals(value)];
}
