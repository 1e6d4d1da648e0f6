import { invalidArgument } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution, requireLength } from '../validation/ids.ts';
import { requireLinks } from '../validation/links.ts';
import { requireBlobSize } from '../validation/payload-size.ts';

/** temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution */
export const signalWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'SignalWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.workflowExecution);
    if (!request.signalName) throw invalidArgument('SignalName is not set on request.');
    requireLength('SignalName', request.signalName, limits.idBytes);
    requireLength('RequestId', request.requestId, limits.idBytes);
    requireLinks(request.links, limits);
    requireBlobSize(request.input, limits.blobBytes);
    return history.signalWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
  };
