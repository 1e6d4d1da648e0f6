import type { Handlers, HistoryContract } from '@duramesh/contracts';
import { askChild } from './ask-child.ts';
import { askParent } from './ask-parent.ts';
import { buildQueryTask } from './build-query-task.ts';
import { deleteExpiredRun } from './delete-expired-run.ts';
import { deleteWorkflow } from './delete-workflow.ts';
import { describeWorkflow } from './describe-workflow.ts';
import { explainRun } from './explain-run.ts';
import { getHistoryReverse } from './get-history-reverse.ts';
import { getHistory } from './get-history.ts';
import type { HandlerParts } from './handler.ts';
import { pauseActivity } from './pause-activity.ts';
import { pauseWorkflow } from './pause-workflow.ts';
import { pollTimeSkipping } from './poll-time-skipping.ts';
import { pollWorkflowUpdate } from './poll-workflow-update.ts';
import { queryWorkflow } from './query-workflow.ts';
import { recordActivityTaskHeartbeat } from './record-activity-task-heartbeat.ts';
import { recordActivityTaskStarted } from './record-activity-task-started.ts';
import { recordChildClosed } from './record-child-closed.ts';
import { recordWorkflowTaskStarted } from './record-workflow-task-started.ts';
import { requestCancelWorkflow } from './request-cancel-workflow.ts';
import { resetActivity } from './reset-activity.ts';
import { resetSticky } from './reset-sticky.ts';
import { resetWorkflow } from './reset-workflow.ts';
import { respondActivityTaskCanceled } from './respond-activity-task-canceled.ts';
import { respondActivityTaskCompleted } from './respond-activity-task-completed.ts';
import { respondActivityTaskFailed } from './respond-activity-task-failed.ts';
import { respondWorkflowTaskCompleted } from './respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './respond-workflow-task-failed.ts';
import { scheduleFirstWorkflowTask } from './schedule-first-workflow-task.ts';
import { signalWithStartWorkflow } from './signal-with-start-workflow.ts';
import { signalWorkflow } from './signal-workflow.ts';
import { startChildWorkflow } from './start-child-workflow.ts';
import { startWorkflow } from './start-workflow.ts';
import { terminateWorkflow } from './terminate-workflow.ts';
import { unpauseActivity } from './unpause-activity.ts';
import { unpauseWorkflow } from './unpause-workflow.ts';
import { updateActivityOptions } from './update-activity-options.ts';
import { updateWithStart } from './update-with-start.ts';
import { updateWorkflowOptions } from './update-workflow-options.ts';
import { updateWorkflow } from './update-workflow.ts';
import { validateTask } from './validate-task.ts';
import { createDeploymentHandlers } from '../worker-deployments/handlers/index.ts';

/** What history answers: one file each. */
export const createHistoryHandlers = (parts: HandlerParts): Handlers<HistoryContract> => ({
  startWorkflow: startWorkflow(parts),
  signalWithStartWorkflow: signalWithStartWorkflow(parts),
  signalWorkflow: signalWorkflow(parts),
  requestCancelWorkflow: requestCancelWorkflow(parts),
  terminateWorkflow: terminateWorkflow(parts),
  deleteWorkflow: deleteWorkflow(parts),
  resetWorkflow: resetWorkflow(parts),
  describeWorkflow: describeWorkflow(parts),
  explainRun: explainRun(parts),
  getHistory: getHistory(parts),
  getHistoryReverse: getHistoryReverse(parts),
  queryWorkflow: queryWorkflow(parts),
  pollTimeSkipping: pollTimeSkipping(parts),
  updateWorkflow: updateWorkflow(parts),
  pollWorkflowUpdate: pollWorkflowUpdate(parts),
  updateWithStart: updateWithStart(parts),
  resetSticky: resetSticky(parts),
  pauseActivity: pauseActivity(parts),
  unpauseActivity: unpauseActivity(parts),
  resetActivity: resetActivity(parts),
  updateActivityOptions: updateActivityOptions(parts),
  pauseWorkflow: pauseWorkflow(parts),
  unpauseWorkflow: unpauseWorkflow(parts),
  updateWorkflowOptions: updateWorkflowOptions(parts),
  startChildWorkflow: startChildWorkflow(parts),
  scheduleFirstWorkflowTask: scheduleFirstWorkflowTask(parts),
  recordChildClosed: recordChildClosed(parts),
  askParent: askParent(parts),
  askChild: askChild(parts),
  recordWorkflowTaskStarted: recordWorkflowTaskStarted(parts),
  recordActivityTaskStarted: recordActivityTaskStarted(parts),
  buildQueryTask: buildQueryTask(parts),
  respondWorkflowTaskCompleted: respondWorkflowTaskCompleted(parts),
  respondWorkflowTaskFailed: respondWorkflowTaskFailed(parts),
  respondActivityTaskCompleted: respondActivityTaskCompleted(parts),
  respondActivityTaskFailed: respondActivityTaskFailed(parts),
  respondActivityTaskCanceled: respondActivityTaskCanceled(parts),
  recordActivityTaskHeartbeat: recordActivityTaskHeartbeat(parts),
  validateTask: validateTask(parts),
  deleteExpiredRun: deleteExpiredRun(parts),
  ...createDeploymentHandlers(parts),
});
