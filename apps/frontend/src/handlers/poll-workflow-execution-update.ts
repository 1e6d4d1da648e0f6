import { invalidArgument } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { awaitStage } from '../updates/await-update.ts';
import { UpdateStage } from '../updates/update-stage.ts';
import { requireExecution } from '../validation/ids.ts';

/** temporal.api.workflowservice.v1.WorkflowService/PollWorkflowExecutionUpdate */
export const pollWorkflowExecutionUpdate =
  (services: FrontendServices): Handler<'PollWorkflowExecutionUpdate'> =>
  async (request, call) => {
    const { updateRef } = request;
    if (!updateRef) throw invalidArgument('UpdateRef is not set on request.');
    requireExecution(updateRef.workflowExecution);
    const namespace = namespaceRef(call.namespace);
    const stage = Math.min(request.waitPolicy?.lifecycleStage ?? UpdateStage.UNSPECIFIED, UpdateStage.COMPLETED);
    request.waitPolicy = { lifecycleStage: stage };
    const watchId = services.ids.uuid();
    return awaitStage(services, { call, stage }, (waitMs, options) =>
      services.history.pollWorkflowUpdate({ namespace, request, waitMs, watchId }, options),
    );
  };
