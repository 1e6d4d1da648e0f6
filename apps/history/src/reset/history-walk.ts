import type { ExecutionStore, HistoryBatch } from '@duramesh/persistence';
import { readBatches } from '../read/history-reader.ts';
import type { CachedRun } from '../shard/run-cache.ts';

const PAGE = 100;

/** The batches of a run from the one that holds an event on, read page by page as they are asked for. */
export async function* walkHistory(
  store: ExecutionStore,
  run: CachedRun,
  { fromEventId, untilEventId }: { readonly fromEventId: number; readonly untilEventId: number },
): AsyncGenerator<HistoryBatch> {
  for (let at = fromEventId; at < untilEventId;) {
    const page = await readBatches(store, run, { fromEventId: at, untilEventId, maxBatches: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    at = last.lastEventId + 1;
  }
}
