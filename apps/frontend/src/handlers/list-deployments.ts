import type { Handler } from '../rpc/handler.ts';
import { refuseFormerDeployments } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ListDeployments */
export const listDeployments = (): Handler<'ListDeployments'> => refuseFormerDeployments;
