import { failedPrecondition } from '@duramesh/contracts';
import { outstandingTasks } from '@duramesh/engine';
import { RunState } from '@duramesh/proto';
import { type Handler, isNotFound, namespaceOf } from './handler.ts';

/** Removes a closed run; one that is gone already is fine. */
export const deleteExpiredRun: Handler<'deleteExpiredRun'> =
  ({ owner }) =>
  async (call) => {
    const ref = { namespaceId: namespaceOf(call).id, workflowId: call.workflowId, runId: call.runId };
    try {
      const run = await owner.read(ref);
      if (run.state.info.state !== RunState.RUN_STATE_COMPLETED) throw failedPrecondition('the run is still open');
      const hasToTell = outstandingTasks(run.state).some(({ type }) => type !== 'DeleteRun');
      if (hasToTell) throw failedPrecondition('the run has something left to tell other workflows');
      await owner.remove(run);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return {};
  };
