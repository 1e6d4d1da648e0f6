import { indexedValueTypeOf, predefinedSearchAttributes, systemSearchAttributes } from '@duramesh/visibility';

/** Search attributes every namespace has: name → temporal.api.enums.v1.IndexedValueType */
export const builtInAttributes: Readonly<Record<string, number>> = Object.fromEntries(
  [...systemSearchAttributes, ...predefinedSearchAttributes].map(([name, type]) => [name, indexedValueTypeOf(type)]),
);
