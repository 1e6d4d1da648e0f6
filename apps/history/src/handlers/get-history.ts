import { type HistoryEvent, makeEvent, virtualWorkflowTaskEvents } from '@duramesh/engine';
import type { CallContext } from '@duramesh/contracts';
import { workflowServiceCodec } from '@duramesh/contracts';
import { type GetHistoryRequest, HistoryPageToken, type Plain, RunState, type temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { Woken } from '../read/change-notifier.ts';
import { FieldAppender } from '../read/encoded.ts';
import { decodeBatch, encodeEvents, readBatches } from '../read/history-reader.ts';
import { decodePageToken } from '../read/page-token.ts';
import { readHistoryPage } from '../read/workflow-task-response.ts';
import type { RunRef } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Handler, type HandlerParts, refOf } from './handler.ts';

type Response = Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse>;
export const historyResponse = workflowServiceCodec<Response>('GetWorkflowExecutionHistoryResponse');

let historyField: FieldAppender | undefined;
const CLOSE_EVENT = 2;
const MAXIMUM_BATCHES = 256;

/** A paused run will go on: its waiters wait. */
const isRunning = (run: CachedRun): boolean => run.state.info.state !== RunState.RUN_STATE_COMPLETED;

interface Read {
  readonly call: GetHistoryRequest;
  readonly ref: RunRef;
  /** Where to go on; 1 at the beginning. */
  readonly fromEventId: number;
  readonly hasToken: boolean;
  readonly waits: boolean;
}

/** @see spec-history 2.11 */
export const getHistory: Handler<'getHistory'> = (parts) => async (call, context) => {
  const request = call.request ?? {};
  const ref = refOf(call, request.execution);
  const token = decodePageToken(request.nextPageToken, ref.runId);
  const pinned = token ? { ...ref, runId: token.runId } : ref;
  const read = {
    call,
    ref: pinned,
    fromEventId: token?.nextEventId ?? 1,
    hasToken: token !== undefined,
    waits: request.waitNewEvent ?? false,
  };
  const closeOnly = request.historyEventFilterType === CLOSE_EVENT;
  const response = closeOnly ? await readCloseEvent(parts, read, context) : await readPage(parts, read, context);
  return { response };
};

/** The run once `isDone` holds, or as it is when the wait is over. */
async function waitFor(
  { owner, notifier, deps }: HandlerParts,
  { ref, call }: Read,
  wait: { readonly signal: AbortSignal; readonly isDone: (run: CachedRun) => boolean },
): Promise<CachedRun> {
  const untilMs = deps.clock.now() + call.waitMs;
  const look = async (at: RunRef): Promise<CachedRun> => owner.peek(at) ?? (await owner.read(at));
  let run = await look(ref);
  const pinned = { ...ref, runId: run.key.runId };
  let woken: Woken = call.waitMs > 0 ? 'changed' : 'over';
  let hasWaited = false;
  while (woken === 'changed' && !wait.isDone(run)) {
    const listening = notifier.listen(run, {
      waitMs: untilMs - deps.clock.now(),
      signal: wait.signal,
      wish: wait.isDone,
    });
    try {
      // Between the last look and the first moment of listening something may have happened.
      run = await look(pinned);
      if (wait.isDone(run)) break;
      woken = await listening.done;
      hasWaited = true;
    } finally {
      listening.stop();
    }
    run = await look(pinned);
  }
  // What has ended while its caller waited has ended for good, whoever owns it by now.
  return hasWaited && !isRunning(run) ? run : owner.read(pinned);
}

async function readCloseEvent(parts: HandlerParts, read: Read, { signal }: CallContext): Promise<Uint8Array> {
  const isDone = (run: CachedRun): boolean => !isRunning(run);
  const run = await waitFor(parts, read, { signal, isDone });
  if (isRunning(run)) return encode([], nextToken(run, run.state.info.nextEventId));
  const lastEventId = run.state.info.nextEventId - 1;
  const range = { fromEventId: lastEventId, untilEventId: lastEventId + 1, maxBatches: 1 };
  const [batch] = await readBatches(parts.deps.store.executions, run, range);
  const events = batch ? decodeBatch(batch.data) : [];
  const last = must(events.at(-1), `run ${run.key.runId} has no last event`);
  return encode([encodeEvents([read.call.followsNextRunId ? last : withoutSuccessor(last)])], undefined);
}

/** Callers that cannot follow a chain are told that the run was continued, whatever ended it. */
function withoutSuccessor(event: HistoryEvent): HistoryEvent {
  const attributes =
    event.workflowExecutionCompletedEventAttributes ??
    event.workflowExecutionFailedEventAttributes ??
    event.workflowExecutionTimedOutEventAttributes;
  const newExecutionRunId = attributes?.newExecutionRunId ?? '';
  if (newExecutionRunId === '') return event;
  const failure = event.workflowExecutionFailedEventAttributes?.failure;
  const lastCompletionResult = event.workflowExecutionCompletedEventAttributes?.result;
  const continued = { newExecutionRunId, failure, lastCompletionResult };
  const { eventId, eventTime, taskId, version } = event;
  const made = makeEvent('WorkflowExecutionContinuedAsNew', continued, { eventTimeMs: 0 });
  return { ...made, eventId, eventTime, taskId, version };
}

async function readPage(parts: HandlerParts, read: Read, { signal }: CallContext): Promise<Uint8Array> {
  const { request } = read.call;
  const hasNews = (run: CachedRun): boolean => run.state.info.nextEventId > read.fromEventId || !isRunning(run);
  const run =
    read.waits && read.hasToken
      ? await waitFor(parts, read, { signal, isDone: hasNews })
      : await parts.owner.read(read.ref);
  const { nextEventId } = run.state.info;
  const size = request?.maximumPageSize ?? 0;
  const page = await readHistoryPage(parts.deps.store.executions, run, {
    fromEventId: read.fromEventId,
    untilEventId: nextEventId,
    maxBatches: size > 0 && size < MAXIMUM_BATCHES ? size : MAXIMUM_BATCHES,
  });
  if (page.nextEventId !== undefined) return encode(page.parts, nextToken(run, page.nextEventId));
  // A page as full as it may be does not know that it was the last.
  if (size > 0 && page.parts.length === size) return encode(page.parts, nextToken(run, nextEventId));
  if (read.waits && isRunning(run)) return encode(page.parts, nextToken(run, Math.max(nextEventId, read.fromEventId)));
  const virtual = read.call.showVirtualEvents && isRunning(run) ? virtualWorkflowTaskEvents(run.state.info) : [];
  return encode(virtual.length > 0 ? [...page.parts, encodeEvents(virtual)] : page.parts, undefined);
}

function nextToken({ key, state }: CachedRun, nextEventId: number): Uint8Array {
  const endEventId = state.info.nextEventId;
  return HistoryPageToken.encode({ runId: key.runId, nextEventId, endEventId, running: true, transient: false });
}

/** A response whose history is always there, also when it is empty. */
export function encode(parts: readonly Uint8Array[], nextPageToken: Uint8Array | undefined): Uint8Array {
  historyField ??= new FieldAppender(historyResponse.typeName, 'history');
  return historyField.append(historyResponse.encode(nextPageToken ? { nextPageToken } : {}), parts);
}
