import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { outstandingTasks } from '../outstanding.ts';
import { isPaused } from '../paused.ts';
import { alreadyCompleted, refusal } from '../refusal.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

const notPaused = refusal('FailedPrecondition', 'workflow is not paused.');

/** The run goes on: what waited for workers is handed out, and a workflow task tells what has come meanwhile. @see spec-history 8.2 */
export function unpauseWorkflow(
  draft: Draft,
  { identity, reason, requestId }: CommandOf<'UnpauseWorkflow'>,
): Verdict<ReplyOf<'UnpauseWorkflow'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (!isPaused(draft.info)) return refused(notPaused);
  draft.buffer('WorkflowExecutionUnpaused', { identity, reason, requestId }, { workerMayIgnore: true });
  draft.tasks.push(...outstandingTasks(draft));
  ensureWorkflowTask(draft);
  return accepted({});
}
