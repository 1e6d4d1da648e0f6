import { invalidArgument } from '@duramesh/contracts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ListArchivedWorkflowExecutions */
export const listArchivedWorkflowExecutions =
  ({ limits }: FrontendServices): Handler<'ListArchivedWorkflowExecutions'> =>
  async ({ pageSize = 0 }) => {
    if (pageSize > limits.archivalPageSize) {
      throw invalidArgument(`PageSize is larger than allowed ${limits.archivalPageSize}.`);
    }
    throw invalidArgument('Cluster is not configured for visibility archival.');
  };
