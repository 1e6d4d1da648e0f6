import type { Config } from '@duramesh/config';
import { type NamespaceStore, StoreFault } from '@duramesh/persistence';
import type { Clock, Ids } from '@duramesh/runtime';
import { indexedValueTypeOf } from '@duramesh/visibility';

const MAX_UPDATE_ATTEMPTS = 5;

/** Creates what should be there from the start: the server's own namespace, those asked for, their search attributes. */
export async function bootstrapNamespaces(
  store: NamespaceStore,
  { namespaces, retentionMs, searchAttributes }: Config,
  world: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  const { ensureNamespaces, SYSTEM_NAMESPACE } = await import('@duramesh/frontend');
  const wanted = Object.fromEntries([...searchAttributes].map(([name, type]) => [name, indexedValueTypeOf(type)]));
  const seeds = namespaces.map((name) => ({ name, retentionMs, searchAttributes: wanted }));
  await ensureNamespaces(store, [{ name: SYSTEM_NAMESPACE }, ...seeds], world);
  if (searchAttributes.size > 0) for (const name of namespaces) await addSearchAttributes(store, name, wanted);
}

/** To a namespace of an earlier start. One that is there already keeps its type. */
async function addSearchAttributes(
  store: NamespaceStore,
  name: string,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_UPDATE_ATTEMPTS; attempt++) {
    const record = await store.readByName(name);
    if (record === undefined) return;
    const missing = Object.entries(wanted).filter(([key]) => !Object.hasOwn(record.searchAttributes, key));
    if (missing.length === 0) return;
    const searchAttributes = { ...record.searchAttributes, ...Object.fromEntries(missing) };
    if ((await store.update({ ...record, searchAttributes })) === 'committed') return;
  }
  throw new StoreFault('unavailable', `the search attributes of namespace ${name} could not be added: try again`);
}
