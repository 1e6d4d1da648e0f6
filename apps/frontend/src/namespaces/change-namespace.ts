import { namespaceNotFound, unavailable } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { FrontendServices } from '../rpc/handler.ts';

const MAX_TRIES = 5;

/** Reads, changes and writes a namespace, anew when somebody else changed it in between. `change` must be pure. */
export async function changeNamespace(
  { store, namespaces }: Pick<FrontendServices, 'store' | 'namespaces'>,
  name: string,
  change: (record: NamespaceRecord) => NamespaceRecord,
): Promise<NamespaceRecord> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const record = await store.namespaces.readByName(name);
    if (!record) throw namespaceNotFound(name);
    const changed = change(record);
    if (changed === record) return record;
    const result = await store.namespaces.update(changed);
    if (result === 'unknown') break;
    if (result === 'conflict') continue;
    const stored = { ...changed, version: changed.version + 1 };
    namespaces.put(stored);
    return stored;
  }
  throw unavailable(`namespace ${name} could not be changed, please retry`);
}
