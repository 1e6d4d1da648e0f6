import { type NamespaceStore, StoreFault } from '@duramesh/persistence';
import { NamespaceRecord } from '@duramesh/proto';
import type { Clock, Ids } from '@duramesh/runtime';

/** Where the server's own workflows live; clients know it by this id. */
export const SYSTEM_NAMESPACE = 'temporal-system';
const SYSTEM_NAMESPACE_ID = '32049b68-7872-4094-8e63-d0dd59896a83';
const DAY_MS = 86_400_000;
const REGISTERED = 1;

export interface NamespaceSeed {
  readonly name: string;
  readonly retentionMs?: number;
  readonly description?: string;
  /** Custom search attributes: name → temporal.api.enums.v1.IndexedValueType */
  readonly searchAttributes?: Readonly<Record<string, number>>;
}

/** Creates those of the namespaces that are not there yet; several processes may do so at once. */
export async function ensureNamespaces(
  store: NamespaceStore,
  seeds: readonly NamespaceSeed[],
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  for (const { name, ...rest } of seeds) {
    if (await store.readByName(name)) continue;
    const result = await store.create(
      NamespaceRecord.create({
        retentionMs: DAY_MS,
        ...rest,
        ...(name === SYSTEM_NAMESPACE && systemFields),
        id: name === SYSTEM_NAMESPACE ? SYSTEM_NAMESPACE_ID : ids.uuid(),
        name,
        state: REGISTERED,
        version: 1,
        createdMs: clock.now(),
      }),
    );
    // A conflict means that another process was faster, which is as good.
    if (result === 'unknown') throw new StoreFault('unavailable', `namespace ${name} could not be created`);
  }
}

const systemFields = {
  description: 'Temporal internal system namespace',
  ownerEmail: 'temporal-core@temporal.io',
  retentionMs: 7 * DAY_MS,
};
