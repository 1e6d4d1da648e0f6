import { invalidArgument, namespaceNotFound } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { NamespaceRegistry } from './namespace-registry.ts';

/** The namespace of an operator's request, which has texts of its own. */
export async function requiredNamespace(
  registry: NamespaceRegistry,
  name: string | undefined,
): Promise<NamespaceRecord> {
  if (!name) throw invalidArgument('Namespace is not set on request.');
  const record = await registry.byName(name);
  if (!record) throw namespaceNotFound(name);
  return record;
}
