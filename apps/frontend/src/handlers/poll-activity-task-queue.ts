import { workflowServiceCodec } from '@duramesh/contracts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import { LongPoll, type TaskKind } from '../poll/long-poll.ts';
import { withHints } from '../poll/poll-hints.ts';
import { requirePoll, type TaskPoll } from '../poll/poll-request.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { TaskQueueType } from '../validation/task-queue.ts';

const complete = withHints(workflowServiceCodec('PollActivityTaskQueueResponse'));

const activityTasks = ({ history }: FrontendServices, { identity, deploymentOptions }: TaskPoll): TaskKind => ({
  start: ({ task }, requestId, call) =>
    history.recordActivityTaskStarted(
      {
        namespace: namespaceRef(call.namespace),
        workflowId: task?.workflowId ?? '',
        runId: task?.runId ?? '',
        scheduledEventId: task?.scheduledEventId ?? 0,
        attempt: task?.attempt ?? 0,
        stamp: task?.stamp ?? 0,
        requestId,
        identity,
        deploymentOptions,
      },
      call.options(),
    ),
  complete,
});

/** temporal.api.workflowservice.v1.WorkflowService/PollActivityTaskQueue */
export const pollActivityTaskQueue =
  (services: FrontendServices): Handler<'PollActivityTaskQueue'> =>
  async (request, call) => {
    const { namespace } = call;
    const poll = requirePoll(request, TaskQueueType.ACTIVITY, { namespace, limits: services.limits });
    return new LongPoll(services, activityTasks(services, poll), { poll, call }).run();
  };
