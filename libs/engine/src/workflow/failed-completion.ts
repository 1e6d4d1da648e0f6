import { type CommandOf, refused, type ReplyOf, type Verdict } from './commands.ts';
import { Draft } from './draft.ts';
import { type Refusal, refusal } from './refusal.ts';
import { HISTORY_SERVICE, terminate } from './terminate.ts';
import { abortAfterBadAnswer } from './updates.ts';
import { CAUSES, causeName, type CommandFailure } from './worker-commands/worker-command.ts';
import { ensureWorkflowTask } from './workflow-task.ts';
import { failWorkflowTask, START_TO_CLOSE, timeOutWorkflowTask } from './workflow-task-end.ts';

type Request = CommandOf<'CompleteWorkflowTask'>['request'];
type Reply = ReplyOf<'CompleteWorkflowTask'>;

const heartbeatTimeout = refusal('NotFound', 'workflow task heartbeat timeout');

/** A worker that is told of an error forgets the run, so that it could not go on with part of the history. */
export function refuseCompletion({ base, environment }: Draft, refusal: Refusal): Verdict<Reply> {
  if (!base.info.workflowTask?.speculative) return refused(refusal);
  const fresh = new Draft(base, environment);
  fresh.info.sticky = undefined;
  return { kind: 'refused', refusal, draft: fresh };
}

/**
 * The task has failed by what its worker asked for. On a later attempt nothing is written: the task runs into its
 * timeout, so that a worker that does not learn is asked ever more rarely.
 */
export function failCompletion(
  draft: Draft,
  request: Request,
  { cause, message, terminate: ends }: CommandFailure,
): Verdict<Reply> {
  const name = causeName(cause);
  const text = message === undefined ? name : `${name}: ${message}`;
  const told = refusal('InvalidArgument', text);
  const attempt = draft.base.info.workflowTask?.attempt ?? 1;
  const fresh = new Draft(draft.base, draft.environment);
  abortAfterBadAnswer(fresh);
  if (attempt > 1 && cause !== CAUSES.UnhandledCommand) return { kind: 'refused', refusal: told, draft: fresh };
  const { identity = '', binaryChecksum } = request;
  failWorkflowTask(fresh, { cause, failure: { message: text, serverFailureInfo: {} }, identity, binaryChecksum });
  if (cause === CAUSES.UnhandledCommand) fresh.info.closeAttempted = true;
  if (ends) terminate(fresh, { reason: text, identity: HISTORY_SERVICE });
  else ensureWorkflowTask(fresh);
  return overruled(fresh, told);
}

/** The worker has said for too long that it is still at it. */
export function endHeartbeats(draft: Draft): Verdict<Reply> {
  timeOutWorkflowTask(draft, START_TO_CLOSE);
  draft.info.nextWorkflowTaskAttempt = 1;
  ensureWorkflowTask(draft);
  return overruled(draft, heartbeatTimeout);
}

/** What is written is not what the worker asked for, and it is told why. */
function overruled(draft: Draft, told: Refusal): Verdict<Reply> {
  const reply = { newTask: undefined, eagerActivities: [], resetHistoryEventId: 0 };
  return { kind: 'accepted', reply, draft, refusal: told };
}
