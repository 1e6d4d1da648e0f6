import { tellChildStarted } from '../child-outcome.ts';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted } from '../refusal.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

/** The child is there; it is told next that this run knows of it. */
export function recordChildStarted(
  draft: Draft,
  { initiatedEventId, runId, header }: CommandOf<'RecordChildStarted'>,
): Verdict<ReplyOf<'RecordChildStarted'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  const child = draft.children.get(initiatedEventId);
  if (!child || child.runId !== '') return noop({});
  tellChildStarted(draft, child, { runId, header });
  draft.tasks.push({ type: 'ConfirmChild', initiatedEventId });
  // Its base may have started it, and heard of its end.
  if (child.originRunId !== '') draft.tasks.push({ type: 'AskChild', initiatedEventId });
  ensureWorkflowTask(draft);
  return accepted({});
}
