import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { listRuns, requireFilter } from '../visibility/list-runs.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ScanWorkflowExecutions */
export const scanWorkflowExecutions =
  (services: FrontendServices): Handler<'ScanWorkflowExecutions'> =>
  async ({ query, pageSize: size, nextPageToken: token }, { namespace }) => {
    const filter = requireFilter(query, namespace, false);
    return listRuns(services, namespace, { filter, page: { size, token } });
  };
