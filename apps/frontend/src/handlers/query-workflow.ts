import { GrpcCode, invalidArgument, ServiceError } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';
import { requireBlobSize } from '../validation/payload-size.ts';

/** What a caller without a deadline waits for an answer. */
const DEFAULT_WAIT_MS = 30_000;

/** temporal.api.workflowservice.v1.WorkflowService/QueryWorkflow */
export const queryWorkflow =
  ({ history, limits }: FrontendServices): Handler<'QueryWorkflow'> =>
  async (request, call) => {
    requireExecution(request.execution);
    if (!request.query) throw invalidArgument('WorkflowQuery is not set on request.');
    if (!request.query.queryType) throw invalidArgument('QueryType is not set on request.');
    requireBlobSize(request.query.queryArgs, limits.blobBytes);
    const options = call.options() ?? { timeoutMs: DEFAULT_WAIT_MS };
    try {
      return await history.queryWorkflow({ namespace: namespaceRef(call.namespace), request }, options);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== GrpcCode.DEADLINE_EXCEEDED) throw error;
      throw new ServiceError(error.code, 'query timed out before a worker could process it');
    }
  };
