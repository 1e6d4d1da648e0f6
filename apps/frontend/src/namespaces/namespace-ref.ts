import type { NamespaceRecord, NamespaceRef } from '@duramesh/proto';

const made = new WeakMap<NamespaceRecord, NamespaceRef>();

/** A namespace as requests to other services carry it. */
export function namespaceRef(record: NamespaceRecord): NamespaceRef {
  let ref = made.get(record);
  if (!ref)
    made.set(
      record,
      (ref = {
        id: record.id,
        name: record.name,
        searchAttributeTypes: record.searchAttributes,
        retentionMs: record.retentionMs,
        workflowRules: record.workflowRules,
      }),
    );
  return ref;
}
