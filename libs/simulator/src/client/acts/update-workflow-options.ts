import { isTooLate, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

/** Gives the current run another priority, which descriptions then show. */
export const updateWorkflowOptions: Act = async (caller, { workflowId }) => {
  const { dice, ledger } = caller.world;
  const execution = await caller.currentRun(workflowId);
  if (!execution) return;
  const priorityKey = dice.between(1, 5);
  const request = {
    namespace: NAMESPACE,
    workflowExecution: execution,
    workflowExecutionOptions: { priority: { priorityKey } },
    updateMask: { paths: ['priority.priority_key'] },
    identity: 'operator',
  };
  if (!(await caller.ask('UpdateWorkflowExecutionOptions', request, isTooLate))) return;
  const description = await caller.describe(workflowId, execution.runId);
  const shown = description?.workflowExecutionInfo?.priority?.priorityKey;
  if (!description || shown === priorityKey) return;
  ledger.violation(`${workflowId}/${execution.runId}: priority ${priorityKey} was acknowledged, and ${shown} is shown`);
};
