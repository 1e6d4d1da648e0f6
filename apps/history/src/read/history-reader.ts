import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { type HistoryEvent } from '@duramesh/engine';
import type { ExecutionKey, ExecutionStore, HistoryBatch, HistoryRange } from '@duramesh/persistence';
import { type ChildInfo, publicCodec } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { workflowNotFound } from '../refusals.ts';
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
  return readStored(store, run.key, range);
}

/**
 * Batches as they are stored. They are handed on unread, so that what is wrong with them has to be noticed here.
 * @throws ServiceError DATA_LOSS when one of them cannot be read, or one between them is missing
 */
export async function readStored(
  store: ExecutionStore,
  key: ExecutionKey,
  range: HistoryRange,
): Promise<readonly HistoryBatch[]> {
  const batches = await store.readHistory(key, range);
  const inOrder = range.reverse === true ? batches.toReversed() : batches;
  let next = range.reverse === true ? inOrder[0]?.firstEventId : undefined;
  for (const batch of inOrder) {
    const { firstEventId, lastEventId } = batch;
    const isNext = next === undefined ? firstEventId <= range.fromEventId : firstEventId === next;
    if (!isNext || !isWhole(batch)) throw unreadable(key, firstEventId);
    next = lastEventId + 1;
  }
  return batches;
}

const unreadable = ({ workflowId, runId }: ExecutionKey, eventId: number): ServiceError => {
  const what = `the stored history of workflow ${workflowId}, run ${runId},`;
  return new ServiceError(GrpcCode.DATA_LOSS, `${what} cannot be read near event ${eventId}`);
};

/** Why there is nothing where events should be. */
export async function noSuchEvents(store: ExecutionStore, key: ExecutionKey, eventId: number): Promise<ServiceError> {
  const isThere = (await store.readRun(key)) !== undefined;
  return isThere ? unreadable(key, eventId) : workflowNotFound(key.workflowId, key.runId);
}

function isWhole({ firstEventId, lastEventId, data }: HistoryBatch): boolean {
  try {
    const events = decodeBatch(data);
    return events.length === lastEventId - firstEventId + 1 && events[0]?.eventId === firstEventId;
  } catch {
    return false;
  }
}

/**
 * One event with what it carries, e.g. the input of an activity. `batchEventId` is the first event of its batch.
 * @throws ServiceError NOT_FOUND when the run was removed since it was read
 */
export async function readEvent(
  store: ExecutionStore,
  run: CachedRun,
  at: { readonly batchEventId: number; readonly eventId: number },
): Promise<HistoryEvent> {
  const range = { fromEventId: at.batchEventId, untilEventId: at.eventId + 1, maxBatches: 1 };
  const [batch] = await readBatches(store, run, range);
  const { workflowId, runId } = run.key;
  if (!batch && !(await store.readRun(run.key))) throw workflowNotFound(workflowId, runId);
  const events = batch ? decodeBatch(batch.data) : [];
  return must(
    events.find((event) => event.eventId === at.eventId),
    `event ${at.eventId} of run ${runId} is not in its history`,
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
