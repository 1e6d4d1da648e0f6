import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord, Plain, temporal } from '@duramesh/proto';
import {
  type CustomSearchAttributes,
  searchAttributeTypeOf,
  type SearchAttributeType,
  validateSearchAttributes,
} from '@duramesh/visibility';
import type { FrontendLimits } from '../limits.ts';

const made = new WeakMap<NamespaceRecord, CustomSearchAttributes>();

/** The custom search attributes of a namespace; made once per version of its record. */
export function customAttributesOf(namespace: NamespaceRecord): CustomSearchAttributes {
  const known = made.get(namespace);
  if (known) return known;
  const attributes = new Map<string, SearchAttributeType>();
  for (const [name, number] of Object.entries(namespace.searchAttributes)) {
    const type = searchAttributeTypeOf(number);
    if (type) attributes.set(name, type);
  }
  made.set(namespace, attributes);
  return attributes;
}

/** Checks what a user wants to set on a run. */
export function requireSearchAttributes(
  attributes: Plain<temporal.api.common.v1.ISearchAttributes> | undefined,
  namespace: NamespaceRecord,
  limits: FrontendLimits,
): void {
  if (!attributes?.indexedFields) return;
  const problem = validateSearchAttributes(attributes.indexedFields, {
    namespace: namespace.name,
    customAttributes: customAttributesOf(namespace),
    limits: {
      maxKeys: limits.searchAttributeKeys,
      maxValueBytes: limits.searchAttributeValueBytes,
      maxTotalBytes: limits.searchAttributesBytes,
    },
  });
  if (problem !== undefined) throw invalidArgument(problem);
}
