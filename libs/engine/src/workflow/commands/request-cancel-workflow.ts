import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { otherChain, otherParent } from '../refusal.ts';
import { isForOtherParent, toldBy } from '../requesting-workflow.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

/**
 * Asks the workflow to end itself. Nothing is asked twice, nor of a closed run; a start delay and a cron wait end.
 * @see spec-history 6.3
 */
export function requestCancelWorkflow(
  draft: Draft,
  command: CommandOf<'RequestCancelWorkflow'>,
): Verdict<ReplyOf<'RequestCancelWorkflow'>> {
  const { firstExecutionRunId, reason, identity, links, requestId, source } = command;
  if (!draft.isOpen) return noop({});
  if (isForOtherParent(draft, source)) return refused(otherParent);
  if (firstExecutionRunId !== '' && firstExecutionRunId !== draft.info.firstExecutionRunId) return refused(otherChain);
  if (draft.info.cancelRequested) return noop({});
  draft.info.cancelRequestId = requestId;
  draft.buffer('WorkflowExecutionCancelRequested', { cause: reason, identity, ...toldBy(source) }, { links });
  ensureWorkflowTask(draft);
  return accepted({});
}
