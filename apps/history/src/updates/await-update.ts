import type { CallContext, UpdateWorkflowResponse } from '@duramesh/contracts';
import { attributesOf, EVENT_TYPES, type UpdateOutcome, type UpdateProgress, updateProgress } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';
import type { NamespaceRef } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { HandlerParts } from '../handlers/handler.ts';
import { readEvent } from '../read/history-reader.ts';
import { toServiceError } from '../refusals.ts';
import { ABORTED, type UpdateWatch } from './update-waiters.ts';

/** temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage */
const STAGES = { admitted: 1, accepted: 2, completed: 3, recorded: 3 } as const;

export interface Waiting {
  readonly stage: number;
  readonly waitMs: number;
  readonly watchId: string;
}

/**
 * How the update stands once it has reached the stage, or when the wait is over.
 * @throws ServiceError when the update comes to nothing
 */
export async function awaitStage(
  { owner, updateWaiters, deps: { clock } }: HandlerParts,
  { watch, context: { signal } }: { readonly watch: UpdateWatch; readonly context: CallContext },
  { stage, waitMs, watchId }: Waiting,
): Promise<UpdateProgress> {
  const untilMs = clock.now() + waitMs;
  const isOpen = (): boolean => watch.last.kind !== 'aborted' && STAGES[watch.last.kind] < stage;
  try {
    for (let inTime = true; ;) {
      if (watch.takeDoubt()) await lookAgain(owner, watch);
      if (!isOpen() || !inTime) break;
      inTime = await watch.next(untilMs - clock.now(), signal);
    }
  } catch (error) {
    updateWaiters.close(watch);
    throw error;
  }
  if (isOpen() && watchId !== '') updateWaiters.park(watchId, watch);
  else updateWaiters.close(watch);
  if (watch.last.kind === 'aborted') throw toServiceError(watch.last.refusal);
  return watch.last;
}

/** What was written meanwhile is in the run; an update that is not there any more was lost with the memory it was in. */
async function lookAgain(owner: HandlerParts['owner'], watch: UpdateWatch): Promise<void> {
  const { state } = await owner.read(must(watch.run, 'an update in doubt has a run').key);
  watch.tell(updateProgress(state, watch.updateId) ?? ABORTED);
}

/** An update as its caller reads of it. */
export async function updateAnswer(
  parts: HandlerParts,
  namespace: NamespaceRef,
  { watch, progress }: { readonly watch: UpdateWatch; readonly progress: UpdateProgress },
): Promise<UpdateWorkflowResponse> {
  const { key } = must(watch.run, 'an update that is answered has a run');
  const { workflowId, runId } = key;
  const outcome = await outcomeOf(parts, key, progress);
  const run = { namespace: namespace.name, workflowId, runId };
  return {
    updateRef: { workflowExecution: { workflowId, runId }, updateId: watch.updateId },
    stage: STAGES[progress.kind],
    outcome,
    link: linkOf(run, progress, outcome),
  };
}

function linkOf(
  run: { readonly namespace: string; readonly workflowId: string; readonly runId: string },
  progress: UpdateProgress,
  outcome: UpdateOutcome | undefined,
): UpdateWorkflowResponse['link'] {
  if (progress.kind === 'admitted') return undefined;
  if (outcome?.failure) return { workflow: { ...run, reason: 'Update rejected' } };
  const { requestId } = progress;
  const eventType = EVENT_TYPES.WorkflowExecutionUpdateAccepted;
  return { workflowEvent: { ...run, requestIdRef: { requestId, eventType } } };
}

async function outcomeOf(
  { owner, deps }: HandlerParts,
  key: ExecutionKey,
  progress: UpdateProgress,
): Promise<UpdateOutcome | undefined> {
  if (progress.kind === 'completed') return progress.outcome;
  if (progress.kind !== 'recorded') return undefined;
  const event = await readEvent(deps.store.executions, await owner.read(key), progress.at);
  return attributesOf('WorkflowExecutionUpdateCompleted', event).outcome;
}
