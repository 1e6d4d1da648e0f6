import type { Handler } from '../rpc/handler.ts';
import { SERVER_VERSION } from '../version.ts';

/** SDKs switch on these: only what is built is told. */
const capabilities = {
  signalAndQueryHeader: true,
  internalErrorDifferentiation: true,
  activityFailureIncludeHeartbeat: true,
  encodedFailureAttributes: true,
  eagerWorkflowStart: true,
  upsertMemo: true,
  // Workers then stamp what they complete with their build instead of a checksum.
  buildIdBasedVersioning: true,
  sdkMetadata: true,
  countGroupByExecutionStatus: true,
};

/** temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo */
export const getSystemInfo = (): Handler<'GetSystemInfo'> => async () => ({
  serverVersion: SERVER_VERSION,
  capabilities,
});
