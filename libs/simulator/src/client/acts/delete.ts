import { type Caller, type Execution, isNotFound, NAMESPACE, PATIENCE_MS } from '../caller.ts';
import type { Act } from './act.ts';

/** Deletes the current run, be it open or closed, and looks for it afterwards. */
export const deleteRun: Act = async (caller, { workflowId }) => {
  const { clock, dice, ledger } = caller.world;
  const execution = await caller.currentRun(workflowId);
  if (!execution) return;
  ledger.deletions.set(execution.runId, workflowId);
  const request = { namespace: NAMESPACE, workflowExecution: execution };
  const answer = await caller.ask('DeleteWorkflowExecution', request, isNotFound);
  if (answer) ledger.deleted.add(execution.runId);
  // It may have to tell others of its end before it can go.
  const untilMs = clock.now() + PATIENCE_MS;
  while ((await isReadable(caller, execution)) && clock.now() < untilMs) await clock.sleep(dice.between(500, 5_000));
  await clock.sleep(dice.below(10_000));
  if (await isReadable(caller, execution)) ledger.violation(`${workflowId}/${execution.runId}: deleted, and readable`);
};

async function isReadable(caller: Caller, execution: Execution): Promise<boolean> {
  const read = { namespace: NAMESPACE, execution };
  if (caller.world.dice.happens(0.5))
    return (await caller.describe(execution.workflowId, execution.runId)) !== undefined;
  return (await caller.ask('GetWorkflowExecutionHistory', read, isNotFound)) !== undefined;
}
