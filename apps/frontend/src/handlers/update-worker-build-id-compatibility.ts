import type { Handler } from '../rpc/handler.ts';
import { refuseVersionSets } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateWorkerBuildIdCompatibility */
export const updateWorkerBuildIdCompatibility = (): Handler<'UpdateWorkerBuildIdCompatibility'> => refuseVersionSets;
