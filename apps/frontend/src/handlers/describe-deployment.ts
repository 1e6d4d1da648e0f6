import type { Handler } from '../rpc/handler.ts';
import { refuseFormerDeployments } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DescribeDeployment */
export const describeDeployment = (): Handler<'DescribeDeployment'> => refuseFormerDeployments;
