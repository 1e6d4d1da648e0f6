import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireExecution } from '../validation/ids.ts';
import { pageSize } from '../validation/page-size.ts';

type Response = Plain<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse>;

const responseCodec = publicCodec<Response>('temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse');

const FOLLOWS_NEXT_RUN = 'follows-next-run-id';
/** Clients that show a history to people and must not see events that may never be written. */
const viewers: ReadonlySet<string> = new Set(['temporal-cli', 'temporal-ui']);
/** Time kept to carry the answer back before the caller gives up. */
const ANSWER_MS = 1000;
/** A shorter wait is not worth a request. */
const MIN_SLICE_MS = 100;
/** So long after its wait a slice counts as lost: whoever was asked is gone, and the next one to own the run is asked. */
const UNANSWERED_MS = 2000;
/** A page without events is a token and nothing else. */
const MAX_EMPTY_BYTES = 4096;

/** The token to go on waiting with, when the wait brought nothing. */
function waitingToken(encoded: Uint8Array): Uint8Array | undefined {
  if (encoded.length > MAX_EMPTY_BYTES) return undefined;
  const { history, nextPageToken } = responseCodec.decode(encoded);
  return history?.events?.length || !nextPageToken?.length ? undefined : nextPageToken;
}

const isUnanswered = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === GrpcCode.DEADLINE_EXCEEDED;

function readerOf(call: HandlerCall): { readonly followsNextRunId: boolean; readonly showVirtualEvents: boolean } {
  return {
    followsNextRunId: call.header('supported-features').split(',').includes(FOLLOWS_NEXT_RUN),
    showVirtualEvents: !viewers.has(call.header('client-name')),
  };
}

/** temporal.api.workflowservice.v1.WorkflowService/GetWorkflowExecutionHistory */
export const getWorkflowExecutionHistory = (services: FrontendServices): Handler<'GetWorkflowExecutionHistory'> => {
  const { history, limits, clock, longPollSliceMs, stopping } = services;

  /** Waits in slices, each a request of its own, until there is something to tell or the wait is over. */
  async function read(request: RpcRequest<'GetWorkflowExecutionHistory'>, call: HandlerCall): Promise<Uint8Array> {
    const namespace = namespaceRef(call.namespace);
    const reader = readerOf(call);
    const untilMs = clock.now() + Math.min(limits.historyWaitMs, call.remainingMs() - ANSWER_MS);
    for (let slice = request; ;) {
      const beganMs = clock.now();
      const waitMs = Math.floor(Math.max(0, Math.min(longPollSliceMs, untilMs - beganMs)));
      const isLast = (): boolean => clock.now() + MIN_SLICE_MS >= untilMs || call.signal.aborted;
      const options = { ...call.options(waitMs + UNANSWERED_MS), signal: stopping };
      let response: Uint8Array;
      try {
        ({ response } = await history.getHistory({ namespace, request: slice, waitMs, ...reader }, options));
      } catch (error) {
        if (!isUnanswered(error) || isLast()) throw error;
        continue;
      }
      const nextPageToken = waitingToken(response);
      // An empty page that came at once was not waited for: history has said what there is to say.
      const waited = clock.now() - beganMs >= waitMs / 2 && waitMs > 0;
      if (!nextPageToken || !waited || isLast()) return response;
      slice = { ...request, nextPageToken };
    }
  }

  return async (request, call) => {
    requireExecution(request.execution);
    request.maximumPageSize = pageSize(request.maximumPageSize, limits.historyPageSize);
    return read(request, call);
  };
};
