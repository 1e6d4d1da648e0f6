import { GrpcCode } from '@duramesh/contracts';

/** Codes a request by itself may be answered. Nothing else goes wrong in the world, so nothing else is due. */
const CLIENT_ERRORS: ReadonlySet<number | string> = new Set([
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
const WAITING: ReadonlySet<string> = new Set([
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'ExecuteMultiOperation',
  'PollWorkflowExecutionUpdate',
]);

/** A worker's bad answer takes updates with it that it was not given yet: their callers are asked to come again. */
const TAKEN_ALONG: ReadonlyMap<string, string> = new Map([
  ['UpdateWorkflowExecution', 'workflow update was aborted'],
  ['ExecuteMultiOperation', 'Update-with-Start could not be executed.'],
]);

/** Whether a call of this RPC may be answered so. */
export function isDue(
  name: string,
  { code, message }: { readonly code: number | string; readonly message: string },
): boolean {
  if (code === GrpcCode.DEADLINE_EXCEEDED) return WAITING.has(name);
  if (code === GrpcCode.UNAVAILABLE) return TAKEN_ALONG.get(name) === message;
  return CLIENT_ERRORS.has(code);
}
