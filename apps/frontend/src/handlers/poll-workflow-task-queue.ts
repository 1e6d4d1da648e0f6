import { GrpcCode, invalidArgument, ServiceError } from '@duramesh/contracts';
import {
  type Plain,
  publicCodec,
  type QueryOffer,
  QueryTaskReply,
  QueryTaskToken,
  type TaskQueuePartition,
  type temporal,
} from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import { LongPoll, type TaskKind } from '../poll/long-poll.ts';
import { withHints } from '../poll/poll-hints.ts';
import { requirePoll, type TaskPoll } from '../poll/poll-request.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { TaskQueueType } from '../validation/task-queue.ts';

type Response = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;

const responseCodec = publicCodec<Response>('temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse');

const complete = withHints(responseCodec);

function workflowTasks({ history, matching }: FrontendServices, poll: TaskPoll): TaskKind {
  const { queue, identity, deploymentOptions, workerVersionCapabilities } = poll;
  const taskQueue = { name: queue.name, kind: queue.kind, normalName: queue.normalName };

  /** The caller of the query waits in matching: it is told that its run is gone, or else to ask again. */
  async function refuseQuery(asked: TaskQueuePartition, { queryId }: QueryOffer, error: unknown): Promise<undefined> {
    const isGone = error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND;
    const result = {
      errorCode: isGone ? GrpcCode.NOT_FOUND : GrpcCode.UNAVAILABLE,
      errorMessage: isGone ? error.message : 'the query could not be put to a worker',
    };
    await matching.respondQueryTask({ queue: asked, queryId, result: QueryTaskReply.create(result) });
  }

  return {
    start: ({ task, targetVersion }, requestId, call) =>
      history.recordWorkflowTaskStarted(
        {
          namespace: namespaceRef(call.namespace),
          workflowId: task?.workflowId ?? '',
          runId: task?.runId ?? '',
          scheduledEventId: task?.scheduledEventId ?? 0,
          attempt: task?.attempt ?? 0,
          stamp: task?.stamp ?? 0,
          requestId,
          identity,
          taskQueue,
          deploymentOptions,
          workerVersionCapabilities,
          targetVersion,
        },
        call.options(),
      ),
    async answerQuery(offer, asked, call) {
      const { queryId, workflowId, runId, query } = offer;
      const { namespaceId, name, kind, partition } = asked;
      const taskToken = QueryTaskToken.encode({ namespaceId, taskQueue: name, kind, partition, queryId });
      try {
        const { response } = await history.buildQueryTask(
          { namespace: namespaceRef(call.namespace), workflowId, runId, query, taskToken, taskQueue },
          call.options(),
        );
        return response;
      } catch (error) {
        return refuseQuery(asked, offer, error);
      }
    },
    complete,
  };
}

/** temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue */
export const pollWorkflowTaskQueue =
  (services: FrontendServices): Handler<'PollWorkflowTaskQueue'> =>
  async (request, call) => {
    const { namespace } = call;
    const poll = requirePoll(request, TaskQueueType.WORKFLOW, { namespace, limits: services.limits });
    const { binaryChecksum } = request;
    if (binaryChecksum && namespace.badBinaries.some(({ checksum }) => checksum === binaryChecksum)) {
      throw invalidArgument(`Binary ${binaryChecksum} already marked as bad deployment.`);
    }
    return new LongPoll(services, workflowTasks(services, poll), { poll, call }).run();
  };
