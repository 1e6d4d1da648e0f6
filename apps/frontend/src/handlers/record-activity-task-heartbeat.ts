import { ActivityAnswers } from '../activity/activity-answers.ts';
import { activityByToken } from '../activity/activity-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RecordActivityTaskHeartbeat */
export const recordActivityTaskHeartbeat = (services: FrontendServices): Handler<'RecordActivityTaskHeartbeat'> => {
  const answers = new ActivityAnswers(services);
  return async ({ taskToken, identity, details }, call) =>
    answers.heartbeat({ activity: activityByToken(taskToken), identity, call }, details);
};
