import type { NamespaceRef } from '@duramesh/proto';
import { type CustomSearchAttributes, type SearchAttributeType, searchAttributeTypeOf } from '@duramesh/visibility';

/** The search attributes that users have added to a namespace, by name. */
export function customAttributesOf(namespace: NamespaceRef): CustomSearchAttributes {
  const types = new Map<string, SearchAttributeType>();
  for (const [name, number] of Object.entries(namespace.searchAttributeTypes)) {
    const type = searchAttributeTypeOf(number);
    if (type !== undefined) types.set(name, type);
  }
  return types;
}
