import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

/** An acknowledged signal is in the run that took it, once. */
export function checkSignals(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const broken: string[] = [];
  const seen = new Map<string, ReadonlySet<string>>();
  for (const run of runs) {
    const signals = signalsOf(run).filter((requestId) => requestId !== '');
    // Per run: a repetition that meets the successor of the run that took the first one is a new signal there.
    const inRun = new Set(signals);
    const twice = signals.find((requestId, i) => signals.indexOf(requestId) !== i);
    if (twice !== undefined) broken.push(`signal ${twice} is there twice in run ${run.runId}`);
    seen.set(run.runId, inRun);
  }
  for (const [requestId, { workflowId, runId }] of ledger.signals) {
    if (seen.get(runId)?.has(requestId) || ledger.deletions.has(runId)) continue;
    broken.push(`${workflowId}/${runId}: acknowledged signal ${requestId} is lost`);
  }
  return broken;
}

export const signalsOf = ({ events }: Run): readonly string[] =>
  events.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.requestId ?? []);
