import { must } from '@duramesh/runtime';
import { tellChildClosed, tellChildStarted } from '../child-outcome.ts';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted, refusal } from '../refusal.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

const noEnd = refusal('InvalidArgument', 'The event does not end a child workflow.');

/** A child has ended. One that ended before its start was recorded is told to have been started, too. */
export function recordChildClosed(
  draft: Draft,
  { initiatedEventId, child: ended, firstRunId, closeEvent, header }: CommandOf<'RecordChildClosed'>,
): Verdict<ReplyOf<'RecordChildClosed'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  const child = draft.children.get(initiatedEventId);
  if (!child || child.workflowId !== ended.workflowId) return noop({});
  if (child.runId === '') tellChildStarted(draft, child, { runId: firstRunId, header });
  else if (child.runId !== firstRunId) return noop({});
  const started = must(draft.children.get(initiatedEventId), 'a child that ends must be pending');
  if (!tellChildClosed(draft, started, { runId: ended.runId, closeEvent })) return refused(noEnd);
  ensureWorkflowTask(draft);
  return accepted({});
}
