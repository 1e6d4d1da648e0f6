import { isTooLate, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

/** Pauses the current run for a while: no worker is given anything of it. */
export const pauseWorkflow: Act = async (caller, { workflowId, plan }) => {
  const { clock, dice, ids, ledger } = caller.world;
  const execution = await caller.currentRun(workflowId);
  if (!execution) return;
  const request = { namespace: NAMESPACE, ...execution, identity: 'operator', reason: 'wait' };
  const paused = await caller.ask('PauseWorkflowExecution', { ...request, requestId: ids.uuid() }, isTooLate);
  if (!paused) return;
  const hold = { runId: execution.runId, activityId: undefined, fromMs: clock.now(), untilMs: Infinity };
  // The times of a run that skips time are its own.
  if (!plan.skipsTime) ledger.holds.push(hold);
  await clock.sleep(dice.below(20_000));
  hold.untilMs = clock.now();
  await caller.ask('UnpauseWorkflowExecution', { ...request, requestId: ids.uuid() }, isTooLate);
};
