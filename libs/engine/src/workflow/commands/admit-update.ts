import { type CommandOf, inMemory, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { isPaused } from '../paused.ts';
import { alreadyCompleted, otherChain, type Refusal, refusal, workflowClosing } from '../refusal.ts';
import { updateRequestSizeBytes } from '../update-messages.ts';
import { updateProgress, type UpdateRequest } from '../updates.ts';
import { scheduleWorkflowTask } from '../workflow-task.ts';

/** A workflow task that failed this often will hardly bring an update to its workflow. */
const FAILING_ATTEMPT = 3;
const paused = refusal('FailedPrecondition', 'Workflow is paused. Cannot update the workflow.');
const failing = refusal(
  'WorkflowNotReady',
  'Unable to perform workflow execution update due to Workflow Task in failed state.',
);

/**
 * Takes up an update, once per id, whatever else the repetition says. It rides on the workflow task that is pending, or on
 * one of its own that nobody needs if the update is rejected. Nothing is written before it is accepted. @see spec-history 7.2
 */
export function admitUpdate(draft: Draft, command: CommandOf<'AdmitUpdate'>): Verdict<ReplyOf<'AdmitUpdate'>> {
  const { request, firstExecutionRunId } = command;
  const { info } = draft;
  if (firstExecutionRunId !== '' && firstExecutionRunId !== info.firstExecutionRunId) return refused(otherChain);
  const known = updateProgress(draft, request.meta?.updateId ?? '');
  if (!draft.isOpen) return known && known.kind !== 'admitted' ? noop(known) : refused(alreadyCompleted);
  const obstacle = obstacleTo(draft);
  if (obstacle) return refused(obstacle);
  if (known) return noop(known);
  const tooMuch = overLimit(draft, request);
  if (tooMuch) return refused(tooMuch);

  awaitWorker(draft, request);
  // No worker is asked before the parent has recorded that this child was started.
  if (info.awaitedParent) info.awaitedParent = { ...info.awaitedParent, taskWanted: true };
  else if (!info.workflowTask) scheduleWorkflowTask(draft, { speculative: true });
  return inMemory({ kind: 'admitted' });
}

/** The update waits for a workflow task. */
export function awaitWorker(draft: Draft, request: UpdateRequest): void {
  const updateId = request.meta?.updateId ?? '';
  draft.waitingUpdates.set(updateId, { updateId, request, sizeBytes: updateRequestSizeBytes(request), sentWith: 0 });
}

function obstacleTo(draft: Draft): Refusal | undefined {
  const { info } = draft;
  if (isPaused(info)) return paused;
  if ((info.workflowTask?.attempt ?? info.nextWorkflowTaskAttempt) >= FAILING_ATTEMPT) return failing;
  return info.closeAttempted && draft.workflowTaskStarted ? workflowClosing : undefined;
}

/** A limit of 0 is none. */
function overLimit(draft: Draft, request: UpdateRequest): Refusal | undefined {
  const { info, updates, waitingUpdates, environment } = draft;
  const { updatesInFlight, updatesInFlightSizeBytes: maximumBytes } = environment.limits;
  const inFlight = updates.size - info.completedUpdateCount + waitingUpdates.size;
  if (updatesInFlight > 0 && inFlight >= updatesInFlight) {
    const text = `limit on number of concurrent in-flight updates has been reached (${updatesInFlight})`;
    return refusal('ConcurrentLimit', text);
  }
  const tooMany = totalRefusal(draft);
  if (tooMany) return tooMany;
  let sizeBytes = updateRequestSizeBytes(request);
  for (const waiting of waitingUpdates.values()) sizeBytes += waiting.sizeBytes;
  if (maximumBytes === 0 || sizeBytes < maximumBytes) return undefined;
  const text = `limit on total payload size of in-flight updates has been reached (${maximumBytes} bytes)`;
  return refusal('ConcurrentLimit', text);
}

/** No more updates fit into the run at all. */
export function totalRefusal({ updates, waitingUpdates, environment: { limits } }: Draft): Refusal | undefined {
  if (limits.updates === 0 || updates.size + waitingUpdates.size < limits.updates) return undefined;
  const text =
    `The limit on the total number of distinct updates in this workflow has been reached (${limits.updates}). ` +
    'Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting ' +
    "updates that you aren't going to process. You can also Continue-as-New to avoid this; we recommend you check " +
    'Continue-as-New Suggested in your Workflow.';
  return refusal('FailedPrecondition', text);
}
