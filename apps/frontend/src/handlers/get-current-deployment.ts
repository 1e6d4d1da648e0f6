import type { Handler } from '../rpc/handler.ts';
import { refuseFormerDeployments } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetCurrentDeployment */
export const getCurrentDeployment = (): Handler<'GetCurrentDeployment'> => refuseFormerDeployments;
