import { partitionOf, workflowKey } from '@duramesh/contracts';
import type { ClusterFacts, Member, ShardMove, Store } from '@duramesh/persistence';

/** Runs that are looked at, and moved, together. */
const PAGE = 500;
/** Leases that are taken together. */
const LEASES = 256;
const HOLDER = 'duramesh shards set';

export type ShardsOutcome =
  | { readonly kind: 'changed'; readonly from: number; readonly runs: number; readonly moved: number }
  /** There are so many already, and nothing is left to do. */
  | { readonly kind: 'same' }
  /** Servers run, or ended without a word a moment ago. */
  | { readonly kind: 'inUse'; readonly members: readonly Member[] }
  /** No server has ever started on it. */
  | { readonly kind: 'unused' }
  /** This kind of database cannot do it. */
  | { readonly kind: 'unsupported' };

export interface ChangeShardsOptions {
  readonly shards: number;
  /** Called now and then. */
  readonly onProgress?: (done: { readonly runs: number; readonly moved: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Gives the history another number of shards: every run goes to the shard that its workflow id now hashes to. Nobody may
 * serve meanwhile. Cut short, it is begun again with the same or another number, and until then no server starts.
 * @throws StoreFault, or the reason of the signal
 */
export async function changeShards(
  store: Pick<Store, 'cluster' | 'inspection' | 'leases' | 'resharding'>,
  { shards, onProgress, signal }: ChangeShardsOptions,
): Promise<ShardsOutcome> {
  const { cluster, leases, resharding } = store;
  const facts = await cluster.read();
  if (facts === undefined) return { kind: 'unused' };
  if (resharding === undefined) return { kind: 'unsupported' };
  if (facts.historyShards === shards && facts.shardsWanted === undefined) return { kind: 'same' };
  const members = await leases.readMembers();
  if (members.length > 0) return { kind: 'inUse', members };
  await resharding.begin(shards);
  // Whoever was silent and comes back finds that it may not write.
  await fenceAll(store, Math.max(facts.historyShards, facts.shardsWanted ?? 0, shards));
  // One that was about to start when the change began is a member by now, or is refused.
  const late = await leases.readMembers();
  if (late.length > 0) {
    await takeBack(store, facts);
    return { kind: 'inUse', members: late };
  }
  const counts = { runs: 0, moved: 0 };
  let after: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await store.inspection.runs({ namespaceId: undefined, workflowId: undefined, after, limit: PAGE });
    const moves: ShardMove[] = [];
    for (const { key, partition: was } of page.rows) {
      const partition = partitionOf(workflowKey(key.namespaceId, key.workflowId), shards);
      if (partition !== was) moves.push({ key, partition });
    }
    if (moves.length > 0) await resharding.move(moves);
    counts.runs += page.rows.length;
    counts.moved += moves.length;
    onProgress?.(counts);
    after = page.next;
  } while (after !== undefined);
  await resharding.finish(shards);
  return { kind: 'changed', from: facts.historyShards, ...counts };
}

/** Nothing has been moved yet: unless an earlier change was cut short, all is as it was. */
async function takeBack({ resharding }: Pick<Store, 'resharding'>, facts: ClusterFacts): Promise<void> {
  if (facts.shardsWanted === undefined) await resharding?.finish(facts.historyShards);
}

async function fenceAll({ leases }: Pick<Store, 'leases'>, shards: number): Promise<void> {
  for (let from = 0; from < shards; from += LEASES) {
    const partitions = Array.from({ length: Math.min(LEASES, shards - from) }, (_, i) => from + i);
    await leases.acquire('history', partitions, HOLDER);
  }
}
