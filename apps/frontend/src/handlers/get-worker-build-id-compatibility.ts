import type { Handler } from '../rpc/handler.ts';
import { refuseVersionSets } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetWorkerBuildIdCompatibility */
export const getWorkerBuildIdCompatibility = (): Handler<'GetWorkerBuildIdCompatibility'> => refuseVersionSets;
