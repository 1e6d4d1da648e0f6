import type { Draft } from './draft.ts';
import type { SearchAttributes } from './properties.ts';

/** Search attributes as they will be stored, or why they cannot be. */
export type CheckedSearchAttributes =
  | { readonly searchAttributes: SearchAttributes; readonly problem?: undefined }
  | { readonly problem: string };

/** Compares search attributes with what the namespace knows. A function of its arguments alone. */
export type SearchAttributesCheck = (searchAttributes: SearchAttributes) => CheckedSearchAttributes;

/** What a worker wants set, known and typed as the namespace says. */
export function checkedSearchAttributes({ environment }: Draft, given: SearchAttributes): CheckedSearchAttributes {
  return environment.checkSearchAttributes?.(given) ?? { searchAttributes: given };
}
