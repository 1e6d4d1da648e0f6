import { namespaceRef } from '../namespaces/namespace-ref.ts';
import { LongPoll, type TaskKind } from '../poll/long-poll.ts';
import { requirePoll, type TaskPoll } from '../poll/poll-request.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { TaskQueueType } from '../validation/task-queue.ts';

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
});

/** temporal.api.workflowservice.v1.WorkflowService/PollActivityTaskQueue */
export const pollActivityTaskQueue =
  (services: FrontendServices): Handler<'PollActivityTaskQueue'> =>
  async (request, call) => {
    const { namespace } = call;
    const checked = requirePoll(request, TaskQueueType.ACTIVITY, { namespace, limits: services.limits });
    const maxTasksPerSecond = request.taskQueueMetadata?.maxTasksPerSecond?.value ?? 0;
    const poll = { ...checked, maxTasksPerSecond };
    return new LongPoll(services, activityTasks(services, poll), { poll, call }).run();
  };
