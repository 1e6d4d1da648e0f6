import { RunState } from '@duramesh/proto';
import { isNotFound } from '../handlers/handler.ts';
import type { Owner, RunRef } from './owner.ts';
import type { CachedRun } from './run-cache.ts';

/**
 * The run that goes on with what a run has initiated: the run itself, unless a reset has made another of it, and of that
 * one the same, as far as they have the event in their histories. @see spec-history 6.5
 */
export async function heirOf(owner: Owner, ref: RunRef, initiatedEventId: number): Promise<CachedRun> {
  let run = await owner.read(ref);
  for (;;) {
    const { state, resetRunId } = run.state.info;
    if (state !== RunState.RUN_STATE_COMPLETED || resetRunId === '') return run;
    const next = await readIfThere(owner, { ...ref, runId: resetRunId });
    if (!next || initiatedEventId > next.state.info.resetEventId) return run;
    run = next;
  }
}

async function readIfThere(owner: Owner, ref: RunRef): Promise<CachedRun | undefined> {
  try {
    return await owner.read(ref);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
