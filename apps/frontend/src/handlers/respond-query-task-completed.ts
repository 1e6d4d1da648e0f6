import { invalidArgument } from '@duramesh/contracts';
import { payloadsSizeBytes } from '@duramesh/engine';
import { QueryTaskReply, QueryTaskToken } from '@duramesh/proto';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { TaskQueueType } from '../validation/task-queue.ts';
import { requireToken } from '../validation/task-tokens.ts';

const QUERY_FAILED = 2;

/** An answer that is too large is a failed one: the caller of the query learns why, the worker does not care. */
function resultOf(request: RpcRequest<'RespondQueryTaskCompleted'>, blobBytes: number): QueryTaskReply {
  if (payloadsSizeBytes(request.queryResult) > blobBytes) {
    return QueryTaskReply.create({ resultType: QUERY_FAILED, errorMessage: 'Blob data size exceeds limit.' });
  }
  const { completedType = 0, queryResult: answer, errorMessage = '', failure } = request;
  return QueryTaskReply.create({ resultType: completedType, answer, errorMessage, failure });
}

/** temporal.api.workflowservice.v1.WorkflowService/RespondQueryTaskCompleted */
export const respondQueryTaskCompleted =
  ({ matching, limits }: FrontendServices): Handler<'RespondQueryTaskCompleted'> =>
  async (request, call) => {
    const token = requireToken(QueryTaskToken, request.taskToken);
    if (token.taskQueue === '' || token.queryId === '') throw invalidArgument('Invalid TaskToken.');
    const queue = {
      namespaceId: token.namespaceId,
      name: token.taskQueue,
      type: TaskQueueType.WORKFLOW,
      kind: token.kind,
      partition: token.partition,
      normalName: '',
    };
    const result = resultOf(request, limits.blobBytes);
    await matching.respondQueryTask({ queue, queryId: token.queryId, result }, call.options());
    return {};
  };
