import type { UpdateWorkflowCall } from '@duramesh/proto';
import { step } from '../shard/step.ts';
import { awaitStage, updateAnswer } from '../updates/await-update.ts';
import type { UpdateWatch } from '../updates/update-waiters.ts';
import { type Handler, type HandlerParts, namespaceOf, refOf } from './handler.ts';

/** Takes up an update, or joins the one with its id, and waits for what it comes to. @see spec-history 7.2 */
export const updateWorkflow: Handler<'updateWorkflow'> = (parts) => async (call, context) => {
  const watch = parts.updateWaiters.resume(call.watchId) ?? (await admit(parts, call));
  const stage = call.request?.waitPolicy?.lifecycleStage ?? 0;
  const { waitMs, watchId } = call;
  const progress = await awaitStage(parts, { watch, context }, { stage, waitMs, watchId });
  return updateAnswer(parts, namespaceOf(call), { watch, progress });
};

/** Listens before the update is there, so that nothing of it is missed. */
async function admit({ owner, updateWaiters }: HandlerParts, call: UpdateWorkflowCall): Promise<UpdateWatch> {
  const { workflowExecution, firstExecutionRunId = '', request = {} } = call.request ?? {};
  const ref = refOf(call, workflowExecution);
  const updateId = request.meta?.updateId ?? '';
  const watch = updateWaiters.watch(updateId);
  try {
    const { reply } = await owner.transact(
      ref,
      async (view) => {
        const run = await view.find(ref.runId);
        updateWaiters.attach(watch, run);
        return step(view, run, { name: 'AdmitUpdate', command: { request, firstExecutionRunId } });
      },
      'AdmitUpdate',
    );
    watch.begin(reply);
    return watch;
  } catch (error) {
    updateWaiters.close(watch);
    throw error;
  }
}
