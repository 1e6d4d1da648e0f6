import { failedPrecondition } from '@duramesh/contracts';
import { outstandingTasks } from '@duramesh/engine';
import { RunState } from '@duramesh/proto';
import { noTracer } from '@duramesh/runtime';
import { type Handler, isNotFound, namespaceOf } from './handler.ts';

/** Removes a closed run; one that is gone already is fine. */
export const deleteExpiredRun: Handler<'deleteExpiredRun'> =
  ({ owner, deps: { tracer = noTracer } }) =>
  async (call) => {
    let traceparent = '';
    const ref = { namespaceId: namespaceOf(call).id, workflowId: call.workflowId, runId: call.runId };
    try {
      const run = await owner.read(ref);
      if (run.state.info.state !== RunState.RUN_STATE_COMPLETED) throw failedPrecondition('the run is still open');
      const hasToTell = outstandingTasks(run.state).some(({ type }) => type !== 'DeleteRun');
      if (hasToTell) throw failedPrecondition('the run has something left to tell other workflows');
      ({ traceparent } = run.state.info);
      // The worker sweeps runs of many traces: each end belongs to its own.
      const attributes = {
        temporalWorkflowId: call.workflowId,
        temporalRunId: call.runId,
        'duramesh.shard': run.shard,
      };
      await tracer.run(traceparent, { name: 'DeleteExpiredRun', attributes }, () => owner.remove(run));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { traceparent };
  };
