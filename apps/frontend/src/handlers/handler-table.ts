import type { FrontendServices, HandlerTable } from '../rpc/handler.ts';
import { addSearchAttributes } from './add-search-attributes.ts';
import { countWorkflowExecutions } from './count-workflow-executions.ts';
import { deprecateNamespace } from './deprecate-namespace.ts';
import { describeNamespace } from './describe-namespace.ts';
import { describeTaskQueue } from './describe-task-queue.ts';
import { describeWorkflowExecution } from './describe-workflow-execution.ts';
import { getClusterInfo } from './get-cluster-info.ts';
import { getSearchAttributes } from './get-search-attributes.ts';
import { getSystemInfo } from './get-system-info.ts';
import { getWorkflowExecutionHistory } from './get-workflow-execution-history.ts';
import { getWorkflowExecutionHistoryReverse } from './get-workflow-execution-history-reverse.ts';
import { listArchivedWorkflowExecutions } from './list-archived-workflow-executions.ts';
import { listClosedWorkflowExecutions } from './list-closed-workflow-executions.ts';
import { listNamespaces } from './list-namespaces.ts';
import { listOpenWorkflowExecutions } from './list-open-workflow-executions.ts';
import { listSearchAttributes } from './list-search-attributes.ts';
import { listWorkflowExecutions } from './list-workflow-executions.ts';
import { pollActivityTaskQueue } from './poll-activity-task-queue.ts';
import { pollWorkflowTaskQueue } from './poll-workflow-task-queue.ts';
import { queryWorkflow } from './query-workflow.ts';
import { recordActivityTaskHeartbeat } from './record-activity-task-heartbeat.ts';
import { recordActivityTaskHeartbeatById } from './record-activity-task-heartbeat-by-id.ts';
import { registerNamespace } from './register-namespace.ts';
import { removeSearchAttributes } from './remove-search-attributes.ts';
import { requestCancelWorkflowExecution } from './request-cancel-workflow-execution.ts';
import { resetStickyTaskQueue } from './reset-sticky-task-queue.ts';
import { respondActivityTaskCanceled } from './respond-activity-task-canceled.ts';
import { respondActivityTaskCanceledById } from './respond-activity-task-canceled-by-id.ts';
import { respondActivityTaskCompleted } from './respond-activity-task-completed.ts';
import { respondActivityTaskCompletedById } from './respond-activity-task-completed-by-id.ts';
import { respondActivityTaskFailed } from './respond-activity-task-failed.ts';
import { respondActivityTaskFailedById } from './respond-activity-task-failed-by-id.ts';
import { respondQueryTaskCompleted } from './respond-query-task-completed.ts';
import { respondWorkflowTaskCompleted } from './respond-workflow-task-completed.ts';
import { respondWorkflowTaskFailed } from './respond-workflow-task-failed.ts';
import { scanWorkflowExecutions } from './scan-workflow-executions.ts';
import { shutdownWorker } from './shutdown-worker.ts';
import { signalWithStartWorkflowExecution } from './signal-with-start-workflow-execution.ts';
import { signalWorkflowExecution } from './signal-workflow-execution.ts';
import { startWorkflowExecution } from './start-workflow-execution.ts';
import { terminateWorkflowExecution } from './terminate-workflow-execution.ts';
import { updateNamespace } from './update-namespace.ts';

/** Every RPC that is built: one line, one file. */
export const handlerTable = (services: FrontendServices): HandlerTable => ({
  AddSearchAttributes: addSearchAttributes(services),
  CountWorkflowExecutions: countWorkflowExecutions(services),
  DeprecateNamespace: deprecateNamespace(services),
  DescribeNamespace: describeNamespace(services),
  DescribeTaskQueue: describeTaskQueue(services),
  DescribeWorkflowExecution: describeWorkflowExecution(services),
  GetClusterInfo: getClusterInfo(services),
  GetSearchAttributes: getSearchAttributes(),
  GetSystemInfo: getSystemInfo(),
  GetWorkflowExecutionHistory: getWorkflowExecutionHistory(services),
  GetWorkflowExecutionHistoryReverse: getWorkflowExecutionHistoryReverse(services),
  ListArchivedWorkflowExecutions: listArchivedWorkflowExecutions(services),
  ListClosedWorkflowExecutions: listClosedWorkflowExecutions(services),
  ListNamespaces: listNamespaces(services),
  ListOpenWorkflowExecutions: listOpenWorkflowExecutions(services),
  ListSearchAttributes: listSearchAttributes(services),
  ListWorkflowExecutions: listWorkflowExecutions(services),
  PollActivityTaskQueue: pollActivityTaskQueue(services),
  PollWorkflowTaskQueue: pollWorkflowTaskQueue(services),
  QueryWorkflow: queryWorkflow(services),
  RecordActivityTaskHeartbeat: recordActivityTaskHeartbeat(services),
  RecordActivityTaskHeartbeatById: recordActivityTaskHeartbeatById(services),
  RegisterNamespace: registerNamespace(services),
  RemoveSearchAttributes: removeSearchAttributes(services),
  RequestCancelWorkflowExecution: requestCancelWorkflowExecution(services),
  ResetStickyTaskQueue: resetStickyTaskQueue(services),
  RespondActivityTaskCanceled: respondActivityTaskCanceled(services),
  RespondActivityTaskCanceledById: respondActivityTaskCanceledById(services),
  RespondActivityTaskCompleted: respondActivityTaskCompleted(services),
  RespondActivityTaskCompletedById: respondActivityTaskCompletedById(services),
  RespondActivityTaskFailed: respondActivityTaskFailed(services),
  RespondActivityTaskFailedById: respondActivityTaskFailedById(services),
  RespondQueryTaskCompleted: respondQueryTaskCompleted(services),
  RespondWorkflowTaskCompleted: respondWorkflowTaskCompleted(services),
  RespondWorkflowTaskFailed: respondWorkflowTaskFailed(services),
  ScanWorkflowExecutions: scanWorkflowExecutions(services),
  ShutdownWorker: shutdownWorker(services),
  SignalWithStartWorkflowExecution: signalWithStartWorkflowExecution(services),
  SignalWorkflowExecution: signalWorkflowExecution(services),
  StartWorkflowExecution: startWorkflowExecution(services),
  TerminateWorkflowExecution: terminateWorkflowExecution(services),
  UpdateNamespace: updateNamespace(services),
});
