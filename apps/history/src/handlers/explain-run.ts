import { explainRun as explain } from '@duramesh/engine';
import { Explanation } from '@duramesh/proto';
import { type Handler, namespaceOf, refOf } from './handler.ts';

/** What the state of a run says about what it waits for; operators see it with what matching knows. */
export const explainRun: Handler<'explainRun'> =
  ({ owner, deps }) =>
  async (call) => {
    const { state, shard } = await owner.read(refOf(call, call));
    const { workflowId, runId, workflowType, taskQueue, startTimeMs } = state.info;
    const { status, reasons, omitted } = explain(state, deps.clock.now());
    return Explanation.create({
      namespace: namespaceOf(call).name,
      workflowId,
      runId,
      workflowType,
      taskQueue,
      status,
      startTimeMs,
      shard,
      reasons,
      omitted,
    });
  };
