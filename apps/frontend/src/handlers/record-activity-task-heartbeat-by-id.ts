import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityById } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RecordActivityTaskHeartbeatById */
export const recordActivityTaskHeartbeatById = (
  services: FrontendServices,
): Handler<'RecordActivityTaskHeartbeatById'> => {
  const answers = new ActivityAnswers(services);
  return async (request, call) => {
    const activity = activityById(request, services.limits.idBytes);
    return answers.heartbeat({ activity, identity: request.identity, call }, request.details);
  };
};
