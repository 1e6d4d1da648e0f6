import { WorkflowTaskToken } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { boundedFailure } from '../validation/failures.ts';
import { requireLength } from '../validation/ids.ts';
import { requireToken } from '../validation/task-tokens.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskFailed */
export const respondWorkflowTaskFailed =
  ({ history, limits }: FrontendServices): Handler<'RespondWorkflowTaskFailed'> =>
  async (request, call) => {
    const { workflowId } = requireToken(WorkflowTaskToken, request.taskToken);
    requireLength('Identity', request.identity, limits.idBytes);
    request.failure = boundedFailure(request.failure, limits);
    await history.respondWorkflowTaskFailed(
      { namespace: namespaceRef(call.namespace), workflowId, request },
      call.options(),
    );
    return {};
  };
