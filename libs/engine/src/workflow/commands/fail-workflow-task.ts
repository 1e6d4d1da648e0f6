import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { failureSizeBytes, oversizeFailure } from '../failures.ts';
import { alreadyCompleted, workflowTaskNotFound } from '../refusal.ts';
import { HISTORY_SERVICE, terminate } from '../terminate.ts';
import { CAUSES, causeName } from '../worker-commands/worker-command.ts';
import { ensureWorkflowTask, isHeld } from '../workflow-task.ts';
import { failWorkflowTask as fail } from '../workflow-task-end.ts';

/** A worker cannot advance the workflow. It is asked again at once; only the first failure is written. @see spec-history 2.8 */
export function failWorkflowTask(
  draft: Draft,
  { held, request }: CommandOf<'FailWorkflowTask'>,
): Verdict<ReplyOf<'FailWorkflowTask'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (!isHeld(draft, held)) return refused(workflowTaskNotFound);
  const { cause = CAUSES.Unspecified, identity = '', binaryChecksum } = request;
  if (cause === CAUSES.GrpcMessageTooLarge) {
    // What the worker has to say does not fit through the wire, and never will.
    terminate(draft, { reason: causeName(cause), identity: HISTORY_SERVICE });
    return accepted({});
  }
  fail(draft, { cause, failure: bounded(draft, request.failure), identity, binaryChecksum });
  ensureWorkflowTask(draft);
  return accepted({});
}

function bounded(draft: Draft, failure: CommandOf<'FailWorkflowTask'>['request']['failure']): typeof failure {
  const { blobSizeBytes, blobWarnSizeBytes } = draft.environment.limits;
  return failure && failureSizeBytes(failure) > blobSizeBytes ? oversizeFailure(failure, blobWarnSizeBytes) : failure;
}
