import { LongPoll, type TaskKind } from '../poll/long-poll.ts';
import { requirePoll } from '../poll/poll-request.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { TaskQueueType } from '../validation/task-queue.ts';

/** Nothing adds tasks to the Nexus type of a queue yet: every poll waits, is seen by DescribeTaskQueue, and ends empty. */
const nexusTasks: TaskKind = {
  start: () => Promise.reject(new TypeError('a Nexus task came from nowhere')),
  complete: (response) => response,
};

/** temporal.api.workflowservice.v1.WorkflowService/PollNexusTaskQueue */
export const pollNexusTaskQueue =
  (services: FrontendServices): Handler<'PollNexusTaskQueue'> =>
  async (request, call) => {
    const { namespace } = call;
    const poll = requirePoll(request, TaskQueueType.NEXUS, { namespace, limits: services.limits });
    return new LongPoll(services, nexusTasks, { poll, call }).run();
  };
