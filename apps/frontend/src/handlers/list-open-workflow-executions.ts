import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { legacyFilter } from '../visibility/legacy-filter.ts';
import { listRuns } from '../visibility/list-runs.ts';

const query = "ExecutionStatus = 'Running'";

/** temporal.api.workflowservice.v1.WorkflowService/ListOpenWorkflowExecutions */
export const listOpenWorkflowExecutions =
  (services: FrontendServices): Handler<'ListOpenWorkflowExecutions'> =>
  async (request, { namespace }) => {
    const filter = legacyFilter(request, namespace, { query, time: 'StartTime', nowMs: services.clock.now() });
    const page = { size: request.maximumPageSize, token: request.nextPageToken };
    return listRuns(services, namespace, { filter, page });
  };
