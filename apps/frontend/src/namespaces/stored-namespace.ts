import { namespaceNotFound } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { FrontendServices } from '../rpc/handler.ts';
import type { HandlerCall } from '../rpc/handler-call.ts';

/** The namespace of a call as it is stored now: whoever changed it sees the change. */
export async function storedNamespace(
  { store, namespaces }: Pick<FrontendServices, 'store' | 'namespaces'>,
  { namespace: { id, name } }: HandlerCall,
): Promise<NamespaceRecord> {
  const record = await store.namespaces.readById(id);
  if (!record) throw namespaceNotFound(name);
  namespaces.put(record);
  return record;
}
