import { type Handler, namespaceOf } from './handler.ts';
import { signalLink } from './signal-workflow.ts';
import { start } from './start-workflow.ts';

/** Signals the running workflow, or starts one whose second event is the signal. @see spec-history 1.6 */
export const signalWithStartWorkflow: Handler<'signalWithStartWorkflow'> = (parts) => async (call) => {
  const namespace = namespaceOf(call);
  const request = call.request ?? {};
  const { signalName = '', signalInput, requestId = '', identity = '', header, links, ...startRequest } = request;
  const signal = { signalName, input: signalInput, identity, header, requestId, links };
  const starting = { ...startRequest, requestId, identity, header, links };
  const result = await start(parts, { namespace, request: starting, kind: 'signalWithStart', signal });
  const { runId, firstExecutionRunId, started } = result;
  const workflowId = request.workflowId ?? '';
  return {
    runId,
    firstExecutionRunId,
    started,
    signalLink: signalLink(namespace.name, { workflowId, runId }, requestId),
  };
};
