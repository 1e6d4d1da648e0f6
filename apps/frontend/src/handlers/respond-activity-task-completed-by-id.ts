import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityById } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompletedById */
export const respondActivityTaskCompletedById = (
  services: FrontendServices,
): Handler<'RespondActivityTaskCompletedById'> => {
  const answers = new ActivityAnswers(services);
  return async (request, call) => {
    const activity = activityById(request, services.limits.idBytes);
    await answers.complete({ activity, identity: request.identity, call }, request.result);
    return {};
  };
};
