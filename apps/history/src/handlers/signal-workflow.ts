import type { SignalWorkflowResponse } from '@duramesh/contracts';
import { EVENT_TYPES } from '@duramesh/engine';
import { type Handler, namespaceOf, refOf } from './handler.ts';

export const signalWorkflow: Handler<'signalWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const requestId = request.requestId ?? '';
    const { run } = await owner.execute(refOf(call, request.workflowExecution), 'SignalWorkflow', {
      signalName: request.signalName ?? '',
      input: request.input,
      identity: request.identity ?? '',
      header: request.header,
      requestId,
      links: request.links,
      endsBackoff: false,
      source: call.source,
    });
    return { link: signalLink(namespaceOf(call).name, run.key, requestId) };
  };

/** Where the signaled event can be found, by the request that caused it. */
export function signalLink(
  namespace: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  requestId: string,
): SignalWorkflowResponse['link'] {
  const eventType = EVENT_TYPES.WorkflowExecutionSignaled;
  return { workflowEvent: { namespace, workflowId, runId, requestIdRef: { requestId, eventType } } };
}
