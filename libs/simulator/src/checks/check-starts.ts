import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

/** A start makes one run, which is there, if it was not deleted since. */
export function checkStarts(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const broken: string[] = [];
  for (const [workflowId, runId] of ledger.starts) {
    const isThere = ledger.deletions.has(runId) || runs.some((run) => run.runId === runId);
    if (!isThere) broken.push(`${workflowId}: acknowledged run ${runId} is lost`);
    const firsts = runs.filter(
      ({ workflowId: id, state: { info } }) =>
        id === workflowId && info.continuedExecutionRunId === '' && info.baseRunIds.length === 0,
    );
    const isGone = firsts.length === 0 && ledger.mayLackRuns(workflowId);
    if (firsts.length !== 1 && !isGone) broken.push(`${workflowId}: one start made ${firsts.length} runs`);
  }
  return broken;
}
