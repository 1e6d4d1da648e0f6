import {
  errorDetail,
  failedPrecondition,
  GrpcCode,
  invalidArgument,
  notFound,
  resourceExhausted,
  ServiceError,
  unavailable,
  unimplemented,
} from '@duramesh/contracts';
import type { StoreFault } from '@duramesh/persistence';
import type { Refusal, RefusalCode } from '@duramesh/engine';

const CONCURRENT_LIMIT = 2;
const BUSY_WORKFLOW = 5;
const DEPLOYMENT_LIMITS = 10;
const SCOPE_NAMESPACE = 1;

/** The one table from what the engine refuses to what a caller of the API is told. */
const table: { readonly [C in RefusalCode]: (refusal: Refusal) => ServiceError } = {
  InvalidArgument: ({ message }) => invalidArgument(message),
  NotFound: ({ message }) => notFound(message),
  FailedPrecondition: ({ message }) => failedPrecondition(message),
  WorkflowNotReady: ({ message }) =>
    new ServiceError(GrpcCode.FAILED_PRECONDITION, message, [errorDetail('WorkflowNotReadyFailure', {})]),
  WorkflowExecutionAlreadyStarted: ({ message, alreadyStarted }) =>
    new ServiceError(GrpcCode.ALREADY_EXISTS, message, [
      errorDetail('WorkflowExecutionAlreadyStartedFailure', alreadyStarted ?? {}),
    ]),
  BusyWorkflow: ({ message }) => resourceExhausted(message, BUSY_WORKFLOW, SCOPE_NAMESPACE),
  ConcurrentLimit: ({ message }) => resourceExhausted(message, CONCURRENT_LIMIT, SCOPE_NAMESPACE),
  Unavailable: ({ message }) => unavailable(message),
  Obsolete: ({ message }) => notFound(message),
  Unimplemented: ({ message }) => unimplemented(message),
  AlreadyExists: ({ message }) => new ServiceError(GrpcCode.ALREADY_EXISTS, message),
  DeploymentLimit: ({ message }) => resourceExhausted(message, DEPLOYMENT_LIMITS, SCOPE_NAMESPACE),
};

export const toServiceError = (refusal: Refusal): ServiceError => table[refusal.code](refusal);

/** Said of a workflow id that has no run, or of a run that is not there. */
export const workflowNotFound = (workflowId: string, runId = ''): ServiceError =>
  notFound(
    runId === ''
      ? `workflow not found for ID: ${workflowId}`
      : `workflow execution not found for workflow ID "${workflowId}" and run ID "${runId}"`,
  );

/** Said when the database could not be asked: come again, unless what it holds cannot be read. */
export const storeFailed = (fault: StoreFault): ServiceError =>
  fault.code === 'corrupt'
    ? new ServiceError(GrpcCode.DATA_LOSS, fault.message)
    : unavailable('shard unavailable, please backoff and retry');
