import type { CallOptions, UpdateWorkflowResponse } from '@duramesh/contracts';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices } from '../rpc/handler.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { UpdateStage } from './update-stage.ts';

/** Time kept to carry the answer back before the caller gives up. */
const ANSWER_MS = 1000;
const UNANSWERED_MS = 2000;

interface Reached {
  readonly stage?: number | undefined;
}

/** Asks for an update until it has come as far as is asked for, or until the wait is over: then what it has come to is told. */
export async function awaitStage<Answer extends Reached>(
  { limits, clock, longPollSliceMs, stopping }: FrontendServices,
  { call, stage }: { readonly call: HandlerCall; readonly stage: number },
  ask: (waitMs: number, options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  const untilMs = clock.now() + Math.min(limits.updateWaitMs, call.remainingMs() - ANSWER_MS);
  for (;;) {
    const waitMs = Math.floor(Math.max(0, Math.min(longPollSliceMs, untilMs - clock.now())));
    const answer = await ask(waitMs, { ...call.options(waitMs + UNANSWERED_MS), signal: stopping });
    const isOver = (answer.stage ?? 0) >= stage || clock.now() >= untilMs;
    if (isOver || call.signal.aborted || stopping.aborted) return answer;
  }
}

/**
 * Sends an update, or goes on waiting for one that was sent with this `watchId`. Once it is accepted it belongs to its run;
 * before, whichever run is current then takes it if it is lost.
 */
export async function awaitUpdate(
  services: FrontendServices,
  call: HandlerCall,
  { request, watchId }: { readonly request: RpcRequest<'UpdateWorkflowExecution'>; readonly watchId: string },
): Promise<UpdateWorkflowResponse> {
  const stage = request.waitPolicy?.lifecycleStage ?? UpdateStage.COMPLETED;
  const namespace = namespaceRef(call.namespace);
  let { workflowExecution } = request;
  return awaitStage(services, { call, stage }, async (waitMs, options) => {
    const asked = { ...request, workflowExecution };
    const answer = await services.history.updateWorkflow({ namespace, request: asked, waitMs, watchId }, options);
    if ((answer.stage ?? 0) >= UpdateStage.ACCEPTED) workflowExecution = answer.updateRef?.workflowExecution;
    return answer;
  });
}
