import { isNotFound, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

/** Ends a child behind its parent's back, if it is there already. */
export const endChild: Act = async (caller, { workflowId, plan }) => {
  const { dice, ids } = caller.world;
  if (plan.children.length === 0) return;
  const child = `${workflowId}-child-${plan.generations}-${dice.below(plan.children.length)}`;
  const request = { namespace: NAMESPACE, workflowExecution: { workflowId: child }, reason: 'meddling' };
  await (dice.happens(0.5)
    ? caller.ask('TerminateWorkflowExecution', request, isNotFound)
    : caller.ask('RequestCancelWorkflowExecution', { ...request, requestId: ids.uuid() }, isNotFound));
};
