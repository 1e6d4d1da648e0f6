/**
 * Where entities of one kind have their keys, beside those of workflow runs: rows, pointers and lists of a namespace never
 * mix kinds, and stores need not know of them. Ids of namespaces have no slash.
 */
export const entityNamespace = (namespaceId: string, archetype: string): string => `${namespaceId}/${archetype}`;

/** The kind of entity that a key is of; undefined for a workflow run. */
export function archetypeOf(namespaceId: string): string | undefined {
  const at = namespaceId.indexOf('/');
  return at < 0 ? undefined : namespaceId.slice(at + 1);
}
