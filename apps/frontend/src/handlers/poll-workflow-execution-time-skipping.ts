import type { PollTimeSkippingResponse } from '@duramesh/contracts';
import { fromTimestamp } from '@duramesh/engine';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';
import { requireFastForwardId } from '../validation/time-skipping.ts';

/** Time kept to carry the answer back before the caller gives up. */
const ANSWER_MS = 1000;
const UNANSWERED_MS = 2000;
/** temporal.api.enums.v1.FastForwardPollingResult */
const POLL_TIMEOUT = 1;

/** temporal.api.workflowservice.v1.WorkflowService/PollWorkflowExecutionTimeSkipping */
export const pollWorkflowExecutionTimeSkipping =
  (services: FrontendServices): Handler<'PollWorkflowExecutionTimeSkipping'> =>
  async (request, call) => {
    const { history, limits, clock, longPollSliceMs, stopping } = services;
    requireExecution(request.workflowExecution);
    requireFastForwardId(request.fastForwardId);
    const namespace = namespaceRef(call.namespace);
    const untilMs = clock.now() + Math.min(limits.historyWaitMs, call.remainingMs() - ANSWER_MS);
    for (let targetMs = 0; ;) {
      const waitMs = Math.floor(Math.max(0, Math.min(longPollSliceMs, untilMs - clock.now())));
      const options = { ...call.options(waitMs + UNANSWERED_MS), signal: stopping };
      const response: PollTimeSkippingResponse = await history.pollTimeSkipping(
        { namespace, request, waitMs, targetMs },
        options,
      );
      const isOver = response.fastForwardPollingResult !== POLL_TIMEOUT || clock.now() >= untilMs;
      if (isOver || call.signal.aborted || stopping.aborted) return response;
      targetMs = fromTimestamp(response.fastForwardInfo?.targetTime);
    }
  };
