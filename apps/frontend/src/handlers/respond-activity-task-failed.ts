import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityByToken } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskFailed */
export const respondActivityTaskFailed = (services: FrontendServices): Handler<'RespondActivityTaskFailed'> => {
  const answers = new ActivityAnswers(services);
  return async ({ taskToken, identity, failure, lastHeartbeatDetails }, call) => {
    const activity = activityByToken(taskToken);
    return { failures: await answers.fail({ activity, identity, call }, { failure, lastHeartbeatDetails }) };
  };
};
