import type { FrontendServices, Handler, HandlerTable } from './rpc/handler.ts';
import type { RpcName } from './rpc/rpc-types.ts';
import { addSearchAttributes } from './handlers/add-search-attributes.ts';
import { countWorkflowExecutions } from './handlers/count-workflow-executions.ts';
import { createWorkflowRule } from './handlers/create-workflow-rule.ts';
import { deleteWorkflowExecution } from './handlers/delete-workflow-execution.ts';
import { deleteWorkflowRule } from './handlers/delete-workflow-rule.ts';
import { deprecateNamespace } from './handlers/deprecate-namespace.ts';
import { describeNamespace } from './handlers/describe-namespace.ts';
import { describeTaskQueue } from './handlers/describe-task-queue.ts';
import { describeWorkflowExecution } from './handlers/describe-workflow-execution.ts';
import { describeWorkflowRule } from './handlers/describe-workflow-rule.ts';
import { executeMultiOperation } from './handlers/execute-multi-operation.ts';
import { getClusterInfo } from './handlers/get-cluster-info.ts';
import { getSearchAttributes } from './handlers/get-search-attributes.ts';
import { getSystemInfo } from './handlers/get-system-info.ts';
import { getWorkflowExecutionHistory } from './handlers/get-workflow-execution-history.ts';
import { getWorkflowExecutionHistoryReverse } from './handlers/get-workflow-execution-history-reverse.ts';
import { listArchivedWorkflowExecutions } from './handlers/list-archived-workflow-executions.ts';
import { listClosedWorkflowExecutions } from './handlers/list-closed-workflow-executions.ts';
import { listNamespaces } from './handlers/list-namespaces.ts';
import { listOpenWorkflowExecutions } from './handlers/list-open-workflow-executions.ts';
import { listSearchAttributes } from './handlers/list-search-attributes.ts';
import { listTaskQueuePartitions } from './handlers/list-task-queue-partitions.ts';
import { listWorkflowExecutions } from './handlers/list-workflow-executions.ts';
import { listWorkflowRules } from './handlers/list-workflow-rules.ts';
import { pauseActivity } from './handlers/pause-activity.ts';
import { pauseActivityExecution } from './handlers/pause-activity-execution.ts';
import { pauseWorkflowExecution } from './handlers/pause-workflow-execution.ts';
import { pollActivityTaskQueue } from './handlers/poll-activity-task-queue.ts';
import { pollNexusTaskQueue } from './handlers/poll-nexus-task-queue.ts';
import { pollWorkflowExecutionTimeSkipping } from './handlers/poll-workflow-execution-time-skipping.ts';
import { pollWorkflowExecutionUpdate } from './handlers/poll-workflow-execution-update.ts';
import { pollWorkflowTaskQueue } from './handlers/poll-workflow-task-queue.ts';
import { queryWorkflow } from './handlers/query-workflow.ts';
import { recordActivityTaskHeartbeat } from './handlers/record-activity-task-heartbeat.ts';
import { recordActivityTaskHeartbeatById } from './handlers/record-activity-task-heartbeat-by-id.ts';
import { registerNamespace } from './handlers/register-namespace.ts';
import { removeSearchAttributes } from './handlers/remove-search-attributes.ts';
import { requestCancelWorkflowExecution } from './handlers/request-cancel-workflow-execution.ts';
import { resetActivity } from './handlers/reset-activity.ts';
import { resetActivityExecution } from './handlers/reset-activity-execution.ts';
import { resetStickyTaskQueue } from './handlers/reset-sticky-task-queue.ts';
import { resetWorkflowExecution } from './handlers/reset-workflow-execution.ts';
import { respondActivityTaskCanceled } from './handlers/respond-activity-task-canceled.ts';
import { respondActivityTaskCanceledById } from './handlers/respond-activity-task-canceled-by-id.ts';
import { respondActivityTaskCompleted } from './handlers/respond-activity-task-completed.ts';
import { respondActivityTaskCompletedById } from './handlers/respond-activity-task-completed-by-id.ts';
import { respondActivityTaskFailed } from './handlers/respond-activity-task-failed.ts';
import { respondActivityTaskFailedById } from './handlers/respond-activity-task-failed-by-id.ts';
import { respondQueryTaskCompleted } from './handlers/respond-query-task-completed.ts';
import { respondWorkflowTaskCompleted } from './handlers/respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './handlers/respond-workflow-task-failed.ts';
import { scanWorkflowExecutions } from './handlers/scan-workflow-executions.ts';
import { shutdownWorker } from './handlers/shutdown-worker.ts';
import { signalWithStartWorkflowExecution } from './handlers/signal-with-start-workflow-execution.ts';
import { signalWorkflowExecution } from './handlers/signal-workflow-execution.ts';
import { startWorkflowExecution } from './handlers/start-workflow-execution.ts';
import { terminateWorkflowExecution } from './handlers/terminate-workflow-execution.ts';
import { triggerWorkflowRule } from './handlers/trigger-workflow-rule.ts';
import { unpauseActivity } from './handlers/unpause-activity.ts';
import { unpauseActivityExecution } from './handlers/unpause-activity-execution.ts';
import { unpauseWorkflowExecution } from './handlers/unpause-workflow-execution.ts';
import { updateActivityExecutionOptions } from './handlers/update-activity-execution-options.ts';
import { updateActivityOptions } from './handlers/update-activity-options.ts';
import { updateNamespace } from './handlers/update-namespace.ts';
import { updateTaskQueueConfig } from './handlers/update-task-queue-config.ts';
import { updateWorkflowExecution } from './handlers/update-workflow-execution.ts';
import { updateWorkflowExecutionOptions } from './handlers/update-workflow-execution-options.ts';

type HandlerFactories = { readonly [N in RpcName]?: (services: FrontendServices) => Handler<N> };

/** Every RPC that is built: one line, one file. */
const factories: HandlerFactories = {
  AddSearchAttributes: addSearchAttributes,
  CountWorkflowExecutions: countWorkflowExecutions,
  CreateWorkflowRule: createWorkflowRule,
  DeleteWorkflowExecution: deleteWorkflowExecution,
  DeleteWorkflowRule: deleteWorkflowRule,
  DeprecateNamespace: deprecateNamespace,
  DescribeNamespace: describeNamespace,
  DescribeTaskQueue: describeTaskQueue,
  DescribeWorkflowExecution: describeWorkflowExecution,
  DescribeWorkflowRule: describeWorkflowRule,
  ExecuteMultiOperation: executeMultiOperation,
  GetClusterInfo: getClusterInfo,
  GetSearchAttributes: getSearchAttributes,
  GetSystemInfo: getSystemInfo,
  GetWorkflowExecutionHistory: getWorkflowExecutionHistory,
  GetWorkflowExecutionHistoryReverse: getWorkflowExecutionHistoryReverse,
  ListArchivedWorkflowExecutions: listArchivedWorkflowExecutions,
  ListClosedWorkflowExecutions: listClosedWorkflowExecutions,
  ListNamespaces: listNamespaces,
  ListOpenWorkflowExecutions: listOpenWorkflowExecutions,
  ListSearchAttributes: listSearchAttributes,
  ListTaskQueuePartitions: listTaskQueuePartitions,
  ListWorkflowExecutions: listWorkflowExecutions,
  ListWorkflowRules: listWorkflowRules,
  PauseActivity: pauseActivity,
  PauseActivityExecution: pauseActivityExecution,
  PauseWorkflowExecution: pauseWorkflowExecution,
  PollActivityTaskQueue: pollActivityTaskQueue,
  PollNexusTaskQueue: pollNexusTaskQueue,
  PollWorkflowExecutionTimeSkipping: pollWorkflowExecutionTimeSkipping,
  PollWorkflowExecutionUpdate: pollWorkflowExecutionUpdate,
  PollWorkflowTaskQueue: pollWorkflowTaskQueue,
  QueryWorkflow: queryWorkflow,
  RecordActivityTaskHeartbeat: recordActivityTaskHeartbeat,
  RecordActivityTaskHeartbeatById: recordActivityTaskHeartbeatById,
  RegisterNamespace: registerNamespace,
  RemoveSearchAttributes: removeSearchAttributes,
  RequestCancelWorkflowExecution: requestCancelWorkflowExecution,
  ResetActivity: resetActivity,
  ResetActivityExecution: resetActivityExecution,
  ResetStickyTaskQueue: resetStickyTaskQueue,
  ResetWorkflowExecution: resetWorkflowExecution,
  RespondActivityTaskCanceled: respondActivityTaskCanceled,
  RespondActivityTaskCanceledById: respondActivityTaskCanceledById,
  RespondActivityTaskCompleted: respondActivityTaskCompleted,
  RespondActivityTaskCompletedById: respondActivityTaskCompletedById,
  RespondActivityTaskFailed: respondActivityTaskFailed,
  RespondActivityTaskFailedById: respondActivityTaskFailedById,
  RespondQueryTaskCompleted: respondQueryTaskCompleted,
  RespondWorkflowTaskCompleted: respondWorkflowTaskCompleted,
  RespondWorkflowTaskFailed: respondWorkflowTaskFailed,
  ScanWorkflowExecutions: scanWorkflowExecutions,
  ShutdownWorker: shutdownWorker,
  SignalWithStartWorkflowExecution: signalWithStartWorkflowExecution,
  SignalWorkflowExecution: signalWorkflowExecution,
  StartWorkflowExecution: startWorkflowExecution,
  TerminateWorkflowExecution: terminateWorkflowExecution,
  TriggerWorkflowRule: triggerWorkflowRule,
  UnpauseActivity: unpauseActivity,
  UnpauseActivityExecution: unpauseActivityExecution,
  UnpauseWorkflowExecution: unpauseWorkflowExecution,
  UpdateActivityExecutionOptions: updateActivityExecutionOptions,
  UpdateActivityOptions: updateActivityOptions,
  UpdateNamespace: updateNamespace,
  UpdateTaskQueueConfig: updateTaskQueueConfig,
  UpdateWorkflowExecution: updateWorkflowExecution,
  UpdateWorkflowExecutionOptions: updateWorkflowExecutionOptions,
};

/** What answers, made once for a frontend. */
export function handlerTable(services: FrontendServices): HandlerTable {
  const handlers = Object.entries(factories).map(([name, make]) => [name, make(services)]);
  // Each handler stands under the name its factory stood under.
  return Object.fromEntries(handlers) as HandlerTable;
}
