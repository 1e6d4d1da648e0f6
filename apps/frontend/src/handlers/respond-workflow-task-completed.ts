import { WorkflowTaskToken } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { requireToken } from '../validation/task-tokens.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted */
export const respondWorkflowTaskCompleted =
  ({ history, limits }: FrontendServices): Handler<'RespondWorkflowTaskCompleted'> =>
  async (request, call) => {
    const { workflowId } = requireToken(WorkflowTaskToken, request.taskToken);
    requireLength('Identity', request.identity, limits.idBytes);
    const { response } = await history.respondWorkflowTaskCompleted(
      { namespace: namespaceRef(call.namespace), workflowId, request },
      call.options(),
    );
    return response;
  };
