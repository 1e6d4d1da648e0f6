import { invalidArgument } from '@duramesh/contracts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { legacyFilter } from '../visibility/legacy-filter.ts';
import { listRuns } from '../visibility/list-runs.ts';
import { statusNames, WorkflowStatus } from '../visibility/workflow-status.ts';

function statusQuery({ statusFilter }: RpcRequest<'ListClosedWorkflowExecutions'>): string {
  if (!statusFilter) return "ExecutionStatus != 'Running'";
  const name = statusNames[statusFilter.status ?? WorkflowStatus.UNSPECIFIED];
  if (!name || statusFilter.status === WorkflowStatus.RUNNING) {
    throw invalidArgument('StatusFilter must be specified and must be not Running.');
  }
  return `ExecutionStatus = '${name}'`;
}

/** temporal.api.workflowservice.v1.WorkflowService/ListClosedWorkflowExecutions */
export const listClosedWorkflowExecutions =
  (services: FrontendServices): Handler<'ListClosedWorkflowExecutions'> =>
  async (request, { namespace }) => {
    const on = { query: statusQuery(request), time: 'CloseTime', nowMs: services.clock.now() } as const;
    const filter = legacyFilter(request, namespace, on);
    const page = { size: request.maximumPageSize, token: request.nextPageToken };
    return listRuns(services, namespace, { filter, page });
  };
