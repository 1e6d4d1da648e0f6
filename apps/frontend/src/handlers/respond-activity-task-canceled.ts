import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityByToken } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCanceled */
export const respondActivityTaskCanceled = (services: FrontendServices): Handler<'RespondActivityTaskCanceled'> => {
  const answers = new ActivityAnswers(services);
  return async ({ taskToken, identity, details }, call) => {
    await answers.cancel({ activity: activityByToken(taskToken), identity, call }, details);
    return {};
  };
};
