import { HistoryPageToken } from '@duramesh/proto';
import { decodeBatch, encodeEvents, readStored } from '../read/history-reader.ts';
import { decodePageToken } from '../read/page-token.ts';
import { encode } from './get-history.ts';
import { type Handler, refOf } from './handler.ts';

const MAXIMUM_BATCHES = 256;

/** Newest first; never waits. The token names the event below which the next page begins. */
export const getHistoryReverse: Handler<'getHistoryReverse'> =
  ({ owner, deps }) =>
  async (call) => {
    const request = call.request ?? {};
    const ref = refOf(call, request.execution);
    const token = decodePageToken(request.nextPageToken, ref.runId);
    const run = await owner.read(token ? { ...ref, runId: token.runId } : ref);
    const untilEventId = token?.nextEventId ?? run.state.info.nextEventId;
    const size = request.maximumPageSize ?? 0;
    const batches = await readStored(deps.store.executions, run.key, {
      fromEventId: 1,
      untilEventId,
      maxBatches: size > 0 && size < MAXIMUM_BATCHES ? size : MAXIMUM_BATCHES,
      reverse: true,
    });
    const parts = batches.map((batch) => encodeEvents([...decodeBatch(batch.data)].reverse()));
    const first = batches.at(-1)?.firstEventId ?? 1;
    const { runId } = run.key;
    const next = { runId, nextEventId: first, endEventId: untilEventId, running: false, transient: false };
    return { response: encode(parts, first > 1 ? HistoryPageToken.encode(next) : undefined) };
  };
