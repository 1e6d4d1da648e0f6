import type { HistoryEvent } from '@duramesh/engine';
import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

/** Acknowledged updates are in the history of their run once; rejected ones in none. */
export function checkUpdates(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const { updates, rejectedUpdates, deletions } = ledger;
  const broken: string[] = [];
  const byRun = new Map(runs.map((run) => [run.runId, run.events]));
  for (const [updateId, { runId, isCompleted }] of updates) {
    if (deletions.has(runId)) continue;
    const events = byRun.get(runId) ?? [];
    const accepted = events.filter((event) => acceptedUpdate(event) === updateId).length;
    const completed = events.filter((event) => completedUpdate(event) === updateId).length;
    if (accepted !== 1) broken.push(`run ${runId}: acknowledged update ${updateId} was accepted ${accepted} times`);
    if (completed > 1) broken.push(`run ${runId}: update ${updateId} was completed ${completed} times`);
    if (isCompleted && completed === 0) broken.push(`run ${runId}: the outcome of update ${updateId} is lost`);
  }
  for (const { runId, events } of runs) {
    const broke = events.map(acceptedUpdate).find((id) => id !== undefined && rejectedUpdates.has(id));
    if (broke !== undefined) broken.push(`run ${runId}: update ${broke} was rejected and is there`);
  }
  return broken;
}

const acceptedUpdate = (event: HistoryEvent): string | undefined =>
  event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId;
const completedUpdate = (event: HistoryEvent): string | undefined =>
  event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId;
