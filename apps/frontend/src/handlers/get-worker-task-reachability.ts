import type { Handler } from '../rpc/handler.ts';
import { refuseVersionSets } from '../task-queues/former-versioning.ts';

/** temporal.api.workflowservice.v1.WorkflowService/GetWorkerTaskReachability */
export const getWorkerTaskReachability = (): Handler<'GetWorkerTaskReachability'> => refuseVersionSets;
