import { notFound } from '@duramesh/contracts';
import { updateProgress } from '@duramesh/engine';
import type { PollWorkflowUpdateCall } from '@duramesh/proto';
import { awaitStage, updateAnswer } from '../updates/await-update.ts';
import type { UpdateWatch } from '../updates/update-waiters.ts';
import { type Handler, type HandlerParts, namespaceOf, refOf } from './handler.ts';

/** How an update stands, once it has come as far as is asked for. @see spec-history 7.2 */
export const pollWorkflowUpdate: Handler<'pollWorkflowUpdate'> = (parts) => async (call, context) => {
  const watch = parts.updateWaiters.resume(call.watchId) ?? (await lookUp(parts, call));
  const stage = call.request?.waitPolicy?.lifecycleStage ?? 0;
  const { waitMs, watchId } = call;
  const progress = await awaitStage(parts, { watch, context }, { stage, waitMs, watchId });
  const { updateRef, stage: reached, outcome } = await updateAnswer(parts, namespaceOf(call), { watch, progress });
  return { updateRef, stage: reached, outcome };
};

async function lookUp({ owner, updateWaiters }: HandlerParts, call: PollWorkflowUpdateCall): Promise<UpdateWatch> {
  const { workflowExecution, updateId = '' } = call.request?.updateRef ?? {};
  const run = await owner.read(refOf(call, workflowExecution));
  const progress = updateProgress(run.state, updateId);
  if (!progress) throw notFound(`update "${updateId}" not found`);
  const watch = updateWaiters.watch(updateId, run);
  watch.begin(progress);
  return watch;
}
