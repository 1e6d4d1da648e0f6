import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { awaitUpdate } from '../updates/await-update.ts';
import { prepareUpdate } from '../updates/prepare-update.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateWorkflowExecution */
export const updateWorkflowExecution =
  (services: FrontendServices): Handler<'UpdateWorkflowExecution'> =>
  async (request, call) => {
    prepareUpdate(request, services);
    return awaitUpdate(services, call, { request, watchId: services.ids.uuid() });
  };
