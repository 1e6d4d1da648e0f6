import { EVENT_TYPES } from '@duramesh/engine';
import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

/** What was terminated ended with that, and what was deleted is gone. */
export function checkOperations(runs: readonly Run[], { terminations, deleted, deletions }: Ledger): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const broken: string[] = [];
  for (const [runId, reason] of terminations) {
    const last = byRun.get(runId)?.events.at(-1);
    const isIt = last?.eventType === EVENT_TYPES.WorkflowExecutionTerminated;
    if (isIt && last.workflowExecutionTerminatedEventAttributes?.reason === reason) continue;
    if (!deletions.has(runId))
      broken.push(`run ${runId}: its termination was acknowledged, and it ends with another event`);
  }
  for (const runId of deleted) if (byRun.has(runId)) broken.push(`run ${runId}: deleted, and there`);
  return broken;
}

/** A pause ends, and while it lasts no worker takes a workflow task. */
export function checkPauses({ workflowId, runId, events }: Run): readonly string[] {
  const broken: string[] = [];
  let isPaused = false;
  for (const { eventType, eventId } of events) {
    if (eventType === EVENT_TYPES.WorkflowExecutionPaused) isPaused = true;
    if (eventType === EVENT_TYPES.WorkflowExecutionUnpaused) isPaused = false;
    if (!isPaused || eventType !== EVENT_TYPES.WorkflowTaskStarted) continue;
    broken.push(`${workflowId}/${runId}: workflow task ${eventId} was started while the run was paused`);
  }
  return broken;
}
