import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { listRuns, requireFilter } from '../visibility/list-runs.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ListWorkflowExecutions */
export const listWorkflowExecutions =
  (services: FrontendServices): Handler<'ListWorkflowExecutions'> =>
  async ({ query, pageSize: size, nextPageToken: token }, { namespace }) => {
    const filter = requireFilter(query, namespace, false);
    return listRuns(services, namespace, { filter, page: { size, token } });
  };
