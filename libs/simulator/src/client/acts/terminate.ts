import { isNotFound, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

/** Ends the current run, by its id. From then on nothing happens in it. */
export const terminate: Act = async (caller, { workflowId }) => {
  const execution = await caller.currentRun(workflowId);
  if (!execution) return;
  const reason = caller.world.ids.uuid();
  const request = { namespace: NAMESPACE, workflowExecution: execution, reason, identity: 'operator' };
  const answer = await caller.ask('TerminateWorkflowExecution', request, isNotFound);
  if (answer) caller.world.ledger.terminations.set(execution.runId, reason);
};

/** Ends the workflow, whichever of its runs is the current one. */
export const terminateChain: Act = async (caller, { workflowId }) => {
  const request = { namespace: NAMESPACE, workflowExecution: { workflowId }, reason: 'enough' };
  await caller.ask('TerminateWorkflowExecution', request, isNotFound);
};
