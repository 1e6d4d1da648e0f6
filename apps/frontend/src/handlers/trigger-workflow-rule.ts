import { unimplemented } from '@duramesh/contracts';
import type { Handler } from '../rpc/handler.ts';

/** temporal.api.workflowservice.v1.WorkflowService/TriggerWorkflowRule: no server answers it, the reference says so. */
export const triggerWorkflowRule = (): Handler<'TriggerWorkflowRule'> => () =>
  Promise.reject(unimplemented('method TriggerWorkflowRule not supported'));
