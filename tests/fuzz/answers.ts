import { GrpcCode } from '@duramesh/contracts';

/** Codes a request by itself may be answered. Nothing else goes wrong in the world, so nothing else is due. */
export const CLIENT_ERRORS: ReadonlySet<number | string> = new Set([
  GrpcCode.OK,
  GrpcCode.INVALID_ARGUMENT,
  GrpcCode.NOT_FOUND,
  GrpcCode.ALREADY_EXISTS,
  GrpcCode.PERMISSION_DENIED,
  GrpcCode.RESOURCE_EXHAUSTED,
  GrpcCode.FAILED_PRECONDITION,
  GrpcCode.ABORTED,
  GrpcCode.OUT_OF_RANGE,
  GrpcCode.UNIMPLEMENTED,
]);

/** They wait for a worker, or for time to pass: their callers may well give up before. */
export const WAITING: ReadonlySet<string> = new Set([
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'ExecuteMultiOperation',
  'PollWorkflowExecutionUpdate',
]);
