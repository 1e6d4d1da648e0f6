import type { FrontendServices, Handler, HandlerTable } from './rpc/handler.ts';
import type { RpcName } from './rpc/rpc-types.ts';
import { addSearchAttributes } from './handlers/add-search-attributes.ts';
import { countWorkflowExecutions } from './handlers/count-workflow-executions.ts';
import { createWorkerDeploymentVersion } from './handlers/create-worker-deployment-version.ts';
import { createWorkerDeployment } from './handlers/create-worker-deployment.ts';
import { createWorkflowRule } from './handlers/create-workflow-rule.ts';
import { deleteWorkerDeploymentVersion } from './handlers/delete-worker-deployment-version.ts';
import { deleteWorkerDeployment } from './handlers/delete-worker-deployment.ts';
import { deleteWorkflowExecution } from './handlers/delete-workflow-execution.ts';
import { deleteWorkflowRule } from './handlers/delete-workflow-rule.ts';
import { deprecateNamespace } from './handlers/deprecate-namespace.ts';
import { describeDeployment } from './handlers/describe-deployment.ts';
import { describeNamespace } from './handlers/describe-namespace.ts';
import { describeTaskQueue } from './handlers/describe-task-queue.ts';
import { describeWorkerDeploymentVersion } from './handlers/describe-worker-deployment-version.ts';
import { describeWorkerDeployment } from './handlers/describe-worker-deployment.ts';
import { describeWorkflowExecution } from './handlers/describe-workflow-execution.ts';
import { describeWorkflowRule } from './handlers/describe-workflow-rule.ts';
import { executeMultiOperation } from './handlers/execute-multi-operation.ts';
import { getClusterInfo } from './handlers/get-cluster-info.ts';
import { getCurrentDeployment } from './handlers/get-current-deployment.ts';
import { getDeploymentReachability } from './handlers/get-deployment-reachability.ts';
import { getSearchAttributes } from './handlers/get-search-attributes.ts';
import { getSystemInfo } from './handlers/get-system-info.ts';
import { getWorkerBuildIdCompatibility } from './handlers/get-worker-build-id-compatibility.ts';
import { getWorkerTaskReachability } from './handlers/get-worker-task-reachability.ts';
import { getWorkerVersioningRules } from './handlers/get-worker-versioning-rules.ts';
import { getWorkflowExecutionHistoryReverse } from './handlers/get-workflow-execution-history-reverse.ts';
import { getWorkflowExecutionHistory } from './handlers/get-workflow-execution-history.ts';
import { listArchivedWorkflowExecutions } from './handlers/list-archived-workflow-executions.ts';
import { listClosedWorkflowExecutions } from './handlers/list-closed-workflow-executions.ts';
import { listDeployments } from './handlers/list-deployments.ts';
import { listNamespaces } from './handlers/list-namespaces.ts';
import { listOpenWorkflowExecutions } from './handlers/list-open-workflow-executions.ts';
import { listSearchAttributes } from './handlers/list-search-attributes.ts';
import { listTaskQueuePartitions } from './handlers/list-task-queue-partitions.ts';
import { listWorkerDeployments } from './handlers/list-worker-deployments.ts';
import { listWorkflowExecutions } from './handlers/list-workflow-executions.ts';
import { listWorkflowRules } from './handlers/list-workflow-rules.ts';
import { pauseActivityExecution } from './handlers/pause-activity-execution.ts';
import { pauseActivity } from './handlers/pause-activity.ts';
import { pauseWorkflowExecution } from './handlers/pause-workflow-execution.ts';
import { pollActivityTaskQueue } from './handlers/poll-activity-task-queue.ts';
import { pollNexusTaskQueue } from './handlers/poll-nexus-task-queue.ts';
import { pollWorkflowExecutionTimeSkipping } from './handlers/poll-workflow-execution-time-skipping.ts';
import { pollWorkflowExecutionUpdate } from './handlers/poll-workflow-execution-update.ts';
import { pollWorkflowTaskQueue } from './handlers/poll-workflow-task-queue.ts';
import { queryWorkflow } from './handlers/query-workflow.ts';
import { recordActivityTaskHeartbeatById } from './handlers/record-activity-task-heartbeat-by-id.ts';
import { recordActivityTaskHeartbeat } from './handlers/record-activity-task-heartbeat.ts';
import { registerNamespace } from './handlers/register-namespace.ts';
import { removeSearchAttributes } from './handlers/remove-search-attributes.ts';
import { requestCancelWorkflowExecution } from './handlers/request-cancel-workflow-execution.ts';
import { resetActivityExecution } from './handlers/reset-activity-execution.ts';
import { resetActivity } from './handlers/reset-activity.ts';
import { resetStickyTaskQueue } from './handlers/reset-sticky-task-queue.ts';
import { resetWorkflowExecution } from './handlers/reset-workflow-execution.ts';
import { respondActivityTaskCanceledById } from './handlers/respond-activity-task-canceled-by-id.ts';
import { respondActivityTaskCanceled } from './handlers/respond-activity-task-canceled.ts';
import { respondActivityTaskCompletedById } from './handlers/respond-activity-task-completed-by-id.ts';
import { respondActivityTaskCompleted } from './handlers/respond-activity-task-completed.ts';
import { respondActivityTaskFailedById } from './handlers/respond-activity-task-failed-by-id.ts';
import { respondActivityTaskFailed } from './handlers/respond-activity-task-failed.ts';
import { respondQueryTaskCompleted } from './handlers/respond-query-task-completed.ts';
import { respondWorkflowTaskCompleted } from './handlers/respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './handlers/respond-workflow-task-failed.ts';
import { scanWorkflowExecutions } from './handlers/scan-workflow-executions.ts';
import { setCurrentDeployment } from './handlers/set-current-deployment.ts';
import { setWorkerDeploymentCurrentVersion } from './handlers/set-worker-deployment-current-version.ts';
import { setWorkerDeploymentManager } from './handlers/set-worker-deployment-manager.ts';
import { setWorkerDeploymentRampingVersion } from './handlers/set-worker-deployment-ramping-version.ts';
import { shutdownWorker } from './handlers/shutdown-worker.ts';
import { signalWithStartWorkflowExecution } from './handlers/signal-with-start-workflow-execution.ts';
import { signalWorkflowExecution } from './handlers/signal-workflow-execution.ts';
import { startWorkflowExecution } from './handlers/start-workflow-execution.ts';
import { terminateWorkflowExecution } from './handlers/terminate-workflow-execution.ts';
import { triggerWorkflowRule } from './handlers/trigger-workflow-rule.ts';
import { unpauseActivityExecution } from './handlers/unpause-activity-execution.ts';
import { unpauseActivity } from './handlers/unpause-activity.ts';
import { unpauseWorkflowExecution } from './handlers/unpause-workflow-execution.ts';
import { updateActivityExecutionOptions } from './handlers/update-activity-execution-options.ts';
import { updateActivityOptions } from './handlers/update-activity-options.ts';
import { updateNamespace } from './handlers/update-namespace.ts';
import { updateTaskQueueConfig } from './handlers/update-task-queue-config.ts';
import { updateWorkerBuildIdCompatibility } from './handlers/update-worker-build-id-compatibility.ts';
import { updateWorkerDeploymentVersionMetadata } from './handlers/update-worker-deployment-version-metadata.ts';
import { updateWorkerVersioningRules } from './handlers/update-worker-versioning-rules.ts';
import { updateWorkflowExecutionOptions } from './handlers/update-workflow-execution-options.ts';
import { updateWorkflowExecution } from './handlers/update-workflow-execution.ts';

type HandlerFactories = { readonly [N in RpcName]?: (services: FrontendServices) => Handler<N> };

/** Every RPC that is built: one line, one file. */
const factories: HandlerFactories = {
  AddSearchAttributes: addSearchAttributes,
  CountWorkflowExecutions: countWorkflowExecutions,
  CreateWorkerDeployment: createWorkerDeployment,
  CreateWorkerDeploymentVersion: createWorkerDeploymentVersion,
  CreateWorkflowRule: createWorkflowRule,
  DeleteWorkerDeployment: deleteWorkerDeployment,
  DeleteWorkerDeploymentVersion: deleteWorkerDeploymentVersion,
  DeleteWorkflowExecution: deleteWorkflowExecution,
  DeleteWorkflowRule: deleteWorkflowRule,
  DeprecateNamespace: deprecateNamespace,
  DescribeDeployment: describeDeployment,
  DescribeNamespace: describeNamespace,
  DescribeTaskQueue: describeTaskQueue,
  DescribeWorkerDeployment: describeWorkerDeployment,
  DescribeWorkerDeploymentVersion: describeWorkerDeploymentVersion,
  DescribeWorkflowExecution: describeWorkflowExecution,
  DescribeWorkflowRule: describeWorkflowRule,
  ExecuteMultiOperation: executeMultiOperation,
  GetClusterInfo: getClusterInfo,
  GetCurrentDeployment: getCurrentDeployment,
  GetDeploymentReachability: getDeploymentReachability,
  GetSearchAttributes: getSearchAttributes,
  GetSystemInfo: getSystemInfo,
  GetWorkerBuildIdCompatibility: getWorkerBuildIdCompatibility,
  GetWorkerTaskReachability: getWorkerTaskReachability,
  GetWorkerVersioningRules: getWorkerVersioningRules,
  GetWorkflowExecutionHistory: getWorkflowExecutionHistory,
  GetWorkflowExecutionHistoryReverse: getWorkflowExecutionHistoryReverse,
  ListArchivedWorkflowExecutions: listArchivedWorkflowExecutions,
  ListClosedWorkflowExecutions: listClosedWorkflowExecutions,
  ListDeployments: listDeployments,
  ListNamespaces: listNamespaces,
  ListOpenWorkflowExecutions: listOpenWorkflowExecutions,
  ListSearchAttributes: listSearchAttributes,
  ListTaskQueuePartitions: listTaskQueuePartitions,
  ListWorkerDeployments: listWorkerDeployments,
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
  SetCurrentDeployment: setCurrentDeployment,
  SetWorkerDeploymentCurrentVersion: setWorkerDeploymentCurrentVersion,
  SetWorkerDeploymentManager: setWorkerDeploymentManager,
  SetWorkerDeploymentRampingVersion: setWorkerDeploymentRampingVersion,
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
  UpdateWorkerBuildIdCompatibility: updateWorkerBuildIdCompatibility,
  UpdateWorkerDeploymentVersionMetadata: updateWorkerDeploymentVersionMetadata,
  UpdateWorkerVersioningRules: updateWorkerVersioningRules,
  UpdateWorkflowExecution: updateWorkflowExecution,
  UpdateWorkflowExecutionOptions: updateWorkflowExecutionOptions,
};

/** What answers, made once for a frontend. */
export function handlerTable(services: FrontendServices): HandlerTable {
  const handlers = Object.entries(factories).map(([name, make]) => [name, make(services)]);
  // Each handler stands under the name its factory stood under.
  return Object.fromEntries(handlers) as HandlerTable;
}
