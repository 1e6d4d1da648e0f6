import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityById } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskFailedById */
export const respondActivityTaskFailedById = (services: FrontendServices): Handler<'RespondActivityTaskFailedById'> => {
  const answers = new ActivityAnswers(services);
  return async (request, call) => {
    const { identity, failure, lastHeartbeatDetails } = request;
    const activity = activityById(request, services.limits.idBytes);
    return { failures: await answers.fail({ activity, identity, call }, { failure, lastHeartbeatDetails }) };
  };
};
