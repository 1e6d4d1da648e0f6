import { isNotFound, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

export const cancel: Act = async (caller, { workflowId }) => {
  const request = { namespace: NAMESPACE, workflowExecution: { workflowId }, requestId: caller.world.ids.uuid() };
  await caller.ask('RequestCancelWorkflowExecution', request, isNotFound);
  caller.world.ledger.cancels.add(workflowId);
};
