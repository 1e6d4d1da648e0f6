/** What the engine may say no with; the history service has one table from these to gRPC status. */
export type RefusalCode =
  | 'InvalidArgument'
  | 'NotFound'
  | 'FailedPrecondition'
  | 'WorkflowNotReady'
  | 'WorkflowExecutionAlreadyStarted'
  | 'BusyWorkflow'
  | 'ConcurrentLimit'
  | 'Unavailable'
  | 'Unimplemented'
  | 'AlreadyExists'
  | 'DeploymentLimit'
  /** The task to be started is gone, taken or superseded. */
  | 'Obsolete';

/** A decision against a request, with the text the caller reads. Nothing was changed. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** With `WorkflowExecutionAlreadyStarted`. */
  readonly alreadyStarted?: {
    readonly startRequestId: string;
    readonly runId: string;
    readonly firstExecutionRunId: string;
  };
}

export const refusal = (code: RefusalCode, message: string): Refusal => ({ code, message });

export const alreadyCompleted = refusal('NotFound', 'workflow execution already completed');
export const workflowClosing = refusal(
  'BusyWorkflow',
  'workflow operation can not be applied because workflow is closing',
);
export const otherChain = refusal('NotFound', 'workflow execution not found');
export const otherParent = refusal('NotFound', 'workflow parent does not match');
export const workflowTaskNotFound = refusal('NotFound', 'Workflow task not found.');
