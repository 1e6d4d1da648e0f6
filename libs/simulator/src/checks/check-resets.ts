import type { MemoryDatabase } from '@duramesh/persistence/memory';
import type { Ledger } from '../ledger.ts';
import { signalsOf } from './check-signals.ts';
import type { Run } from './runs.ts';

/** One request makes one run, which has whatever its base was told. */
export function checkResets(runs: readonly Run[], { resets }: Ledger): readonly string[] {
  const broken: string[] = [];
  const made = new Map<string, string>();
  for (const run of runs) {
    const { baseRunIds, resets: known } = run.state.info;
    const baseRunId = baseRunIds.at(-1);
    if (baseRunId === undefined) continue;
    const requestId = known.find(({ runId }) => runId === run.runId)?.requestId ?? '';
    if (made.has(requestId)) broken.push(`reset ${requestId} made ${run.runId} and ${made.get(requestId)}`);
    made.set(requestId, run.runId);
    const base = runs.find(({ runId }) => runId === baseRunId);
    const lost = base && signalsOf(base).find((signal) => !signalsOf(run).includes(signal));
    if (lost !== undefined)
      broken.push(`signal ${lost} of run ${baseRunId} is not in ${run.runId}, which was made of it`);
  }
  for (const [requestId, runId] of resets) {
    if (!runs.some((run) => run.runId === runId))
      broken.push(`run ${runId} of acknowledged reset ${requestId} is lost`);
  }
  return broken;
}

/** A history that was copied for a run that did not come is removed. */
export function checkLeftovers(database: MemoryDatabase): readonly string[] {
  const left = [...database.runs.values()].filter(({ version }) => version === 0);
  return left.map(({ key }) => `${key.workflowId}: a copied history was left behind for run ${key.runId}`);
}
