import { type HistoryEvent } from '@duramesh/engine';
import type { ExecutionStore, HistoryBatch } from '@duramesh/persistence';
import { type ChildInfo, publicCodec } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { CachedRun } from '../shard/run-cache.ts';

const historyCodec = publicCodec<{ readonly events?: readonly HistoryEvent[] }>('temporal.api.history.v1.History');

/** @throws when the bytes are no history: the row is poisoned */
export const decodeBatch = (data: Uint8Array): readonly HistoryEvent[] => historyCodec.decode(data).events ?? [];
export const encodeEvents = (events: readonly HistoryEvent[]): Uint8Array => historyCodec.encode({ events });

export interface BatchRange {
  readonly fromEventId: number;
  readonly untilEventId: number;
  readonly maxBatches: number;
}

/** Batches in event order, from memory when the newest ones are asked for. */
export async function readBatches(
  store: ExecutionStore,
  run: CachedRun,
  range: BatchRange,
): Promise<readonly HistoryBatch[]> {
  const first = run.tail[0];
  if (first && first.firstEventId <= range.fromEventId) {
    const { fromEventId, untilEventId, maxBatches } = range;
    const wanted = run.tail.filter((batch) => batch.lastEventId >= fromEventId && batch.firstEventId < untilEventId);
    return wanted.length > maxBatches ? wanted.slice(0, maxBatches) : wanted;
  }
  return store.readHistory(run.key, range);
}

/** One event with what it carries, e.g. the input of an activity. `batchEventId` is the first event of its batch. */
export async function readEvent(
  store: ExecutionStore,
  run: CachedRun,
  at: { readonly batchEventId: number; readonly eventId: number },
): Promise<HistoryEvent> {
  const range = { fromEventId: at.batchEventId, untilEventId: at.eventId + 1, maxBatches: 1 };
  const [batch] = await readBatches(store, run, range);
  const events = batch ? decodeBatch(batch.data) : [];
  return must(
    events.find((event) => event.eventId === at.eventId),
    `event ${at.eventId} of run ${run.key.runId} is not in its history`,
  );
}

/** The event by which a run decided about a child, or about a request to another workflow. */
export const readInitiatedEvent = (
  store: ExecutionStore,
  run: CachedRun,
  {
    initiatedBatchEventId: batchEventId,
    initiatedEventId: eventId,
  }: Pick<ChildInfo, 'initiatedBatchEventId' | 'initiatedEventId'>,
): Promise<HistoryEvent> => readEvent(store, run, { batchEventId, eventId });

/** How a closed run has ended. */
export const readCloseEvent = (store: ExecutionStore, run: CachedRun): Promise<HistoryEvent> => {
  const { closeEventId } = run.state.info;
  return readEvent(store, run, { batchEventId: closeEventId, eventId: closeEventId });
};

export const readStartedEvent = (store: ExecutionStore, run: CachedRun): Promise<HistoryEvent> =>
  readEvent(store, run, { batchEventId: 1, eventId: 1 });
