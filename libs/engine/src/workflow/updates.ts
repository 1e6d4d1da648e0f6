import { type Plain, RunState, type temporal, type UpdateInfo, UpdateStage } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import type { Failure } from './failures.ts';
import { type Refusal, refusal, workflowClosing } from './refusal.ts';

export type UpdateRequest = Plain<temporal.api.update.v1.IRequest>;
export type UpdateOutcome = Plain<temporal.api.update.v1.IOutcome>;

/**
 * An update that no event tells of: admitted, perhaps sent to a worker. It is in memory only and gone with it; its caller
 * is told to come again then.
 */
export interface WaitingUpdate {
  readonly updateId: string;
  readonly request: UpdateRequest;
  readonly sizeBytes: number;
  /** The started event of the workflow task that carries it; 0 while none does. */
  readonly sentWith: number;
}

/** How far an update has come. */
export type UpdateProgress =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'accepted'; readonly requestId: string }
  | { readonly kind: 'completed'; readonly requestId: string; readonly outcome: UpdateOutcome }
  /** Completed; the outcome is in history. */
  | {
      readonly kind: 'recorded';
      readonly requestId: string;
      readonly at: { readonly batchEventId: number; readonly eventId: number };
    };

/** What a transition means for those who wait for an update, once it is durable. */
export interface UpdateNews {
  readonly updateId: string;
  /** How far it has come, or that it will come to nothing. */
  readonly news: UpdateProgress | { readonly kind: 'aborted'; readonly refusal: Refusal };
}

const overtaken: Failure = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.',
  source: 'Server',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};
const unprocessed: Failure = {
  message:
    "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.",
  source: 'Server',
  applicationFailureInfo: { type: 'UnprocessedUpdate', nonRetryable: true },
};
/** Said of an update that was lost with the memory it was in: it may be sent again. */
export const updateAborted = refusal('Unavailable', 'workflow update was aborted');
export const updateAbortedByClose = refusal('NotFound', 'workflow update was aborted by closing workflow');
const taskFailed = refusal(
  'WorkflowNotReady',
  'Unable to perform workflow execution update due to unexpected workflow task failure.',
);

/** The parts of a state or a draft that know of updates. */
interface Registry {
  readonly info: { readonly state: number };
  readonly updates: { get(updateId: string): UpdateInfo | undefined };
  readonly waitingUpdates: { has(updateId: string): boolean };
}

/** How an update stands; undefined when the run knows none with that id. */
export function updateProgress(
  { info, updates, waitingUpdates }: Registry,
  updateId: string,
): UpdateProgress | undefined {
  if (waitingUpdates.has(updateId)) return { kind: 'admitted' };
  const update = updates.get(updateId);
  if (!update) return undefined;
  const { requestId, completedBatchEventId: batchEventId, completedEventId: eventId } = update;
  switch (update.stage) {
    case UpdateStage.UPDATE_STAGE_COMPLETED:
      return { kind: 'recorded', requestId, at: { batchEventId, eventId } };
    case UpdateStage.UPDATE_STAGE_ACCEPTED:
      if (info.state !== RunState.RUN_STATE_COMPLETED) return { kind: 'accepted', requestId };
      return { kind: 'completed', requestId, outcome: { failure: overtaken } };
    default:
      return { kind: 'admitted' };
  }
}

/** A worker has an update: by a message, or by an event that it was given. */
export function isSent({ waitingUpdates, updates, base }: Draft, updateId: string): boolean {
  const waiting = waitingUpdates.get(updateId);
  if (waiting) return waiting.sentWith > 0;
  const { admittedEventId = 0 } = updates.get(updateId) ?? {};
  return admittedEventId > 0 && admittedEventId < (base.info.workflowTask?.startedEventId ?? 0);
}

/** Updates that no worker has been given. */
export function hasUnsentUpdates({ waitingUpdates }: Draft): boolean {
  for (const { sentWith } of waitingUpdates.values()) if (sentWith === 0) return true;
  return false;
}

/** Whatever waits goes to the worker with the workflow task that is started. */
export function sendUpdates({ waitingUpdates }: Draft, startedEventId: number): void {
  for (const update of waitingUpdates.values()) {
    if (update.sentWith === 0) waitingUpdates.set(update.updateId, { ...update, sentWith: startedEventId });
  }
}

/** The workflow task has come to nothing: the next one brings its updates again. */
export function takeBackUpdates({ waitingUpdates }: Draft): void {
  for (const update of waitingUpdates.values()) {
    if (update.sentWith > 0) waitingUpdates.set(update.updateId, { ...update, sentWith: 0 });
  }
}

/** The worker does not take the update. Nothing is left of it. */
export function rejectUpdate(draft: Draft, updateId: string, failure: Failure | undefined): void {
  draft.waitingUpdates.delete(updateId);
  draft.updates.delete(updateId);
  draft.tellOfUpdate(updateId, { kind: 'completed', requestId: '', outcome: { failure: failure ?? {} } });
}

/** A worker that says nothing of an update it was given would be given it for ever. */
export function rejectUnprocessed(draft: Draft): void {
  for (const { updateId, sentWith } of draft.waitingUpdates.values()) {
    if (sentWith > 0) rejectUpdate(draft, updateId, unprocessed);
  }
  for (const { updateId, stage } of draft.updates.values()) {
    if (stage === UpdateStage.UPDATE_STAGE_ADMITTED && isSent(draft, updateId)) {
      rejectUpdate(draft, updateId, unprocessed);
    }
  }
}

function abortWaiting(draft: Draft, why: (update: WaitingUpdate) => Refusal): void {
  for (const update of draft.waitingUpdates.values()) {
    draft.waitingUpdates.delete(update.updateId);
    draft.tellOfUpdate(update.updateId, { kind: 'aborted', refusal: why(update) });
  }
}

/** The worker's answer was bad: what the workflow has seen must not be tried for ever, what it has not may come again. */
export const abortAfterBadAnswer = (draft: Draft): void =>
  abortWaiting(draft, ({ sentWith }) => (sentWith > 0 ? taskFailed : updateAborted));

/** The run has ended. What it had accepted fails; other updates may go to the run that follows. @see spec-history 7.2 */
export function abortAtClose(draft: Draft): void {
  const isFollowed = draft.info.newExecutionRunId !== '';
  abortWaiting(draft, () => (isFollowed ? workflowClosing : updateAbortedByClose));
  draft.updates.forEach(({ updateId, stage, requestId }) => {
    if (stage !== UpdateStage.UPDATE_STAGE_ACCEPTED) return;
    draft.tellOfUpdate(updateId, { kind: 'completed', requestId, outcome: { failure: overtaken } });
  });
}
