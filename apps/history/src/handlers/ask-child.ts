import { AskChildReply, RunState } from '@duramesh/proto';
import { readCloseEvent } from '../read/history-reader.ts';
import type { Owner, RunRef } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { type Handler, refOf } from './handler.ts';

/** How a child has ended, if it has for good. */
export const askChild: Handler<'askChild'> =
  ({ owner, deps }) =>
  async (call) => {
    const last = await lastRunOf(owner, refOf(call, call));
    const { state, runId } = last.state.info;
    if (state !== RunState.RUN_STATE_COMPLETED) return AskChildReply.create({});
    return AskChildReply.create({ lastRunId: runId, closeEvent: await readCloseEvent(deps.store.executions, last) });
  };

/** The run that stands at the end of a chain of runs, resets included. */
async function lastRunOf(owner: Owner, ref: RunRef): Promise<CachedRun> {
  for (let runId = ref.runId; ;) {
    const run = await owner.read({ ...ref, runId });
    const { state, newExecutionRunId, resetRunId } = run.state.info;
    const nextRunId = resetRunId || newExecutionRunId;
    if (state !== RunState.RUN_STATE_COMPLETED || nextRunId === '') return run;
    runId = nextRunId;
  }
}
