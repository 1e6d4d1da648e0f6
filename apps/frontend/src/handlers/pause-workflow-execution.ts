import { unimplemented } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requirePauseTexts } from '../validation/pause.ts';

/** temporal.api.workflowservice.v1.WorkflowService/PauseWorkflowExecution */
export const pauseWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'PauseWorkflowExecution'> =>
  async (request, call) => {
    if (!limits.workflowPause) {
      throw unimplemented(`workflow pause is not enabled for namespace: ${request.namespace}`);
    }
    requirePauseTexts(request, limits.idBytes);
    await history.pauseWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
