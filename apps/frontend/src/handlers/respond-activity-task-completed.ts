import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityByToken } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompleted */
export const respondActivityTaskCompleted = (services: FrontendServices): Handler<'RespondActivityTaskCompleted'> => {
  const answers = new ActivityAnswers(services);
  return async ({ taskToken, identity, result }, call) => {
    await answers.complete({ activity: activityByToken(taskToken), identity, call }, result);
    return {};
  };
};
