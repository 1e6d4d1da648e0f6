import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted } from '../refusal.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

/** There will be no child. */
export function recordStartChildFailed(
  draft: Draft,
  { initiatedEventId, cause, control }: CommandOf<'RecordStartChildFailed'>,
): Verdict<ReplyOf<'RecordStartChildFailed'>> {
  const { info, isOpen } = draft;
  if (!isOpen) return refused(alreadyCompleted);
  const child = draft.children.get(initiatedEventId);
  if (!child || child.runId !== '') return noop({});
  draft.buffer('StartChildWorkflowExecutionFailed', {
    namespace: info.namespace,
    namespaceId: info.namespaceId,
    workflowId: child.workflowId,
    workflowType: { name: child.workflowType },
    cause,
    control,
    initiatedEventId,
  });
  ensureWorkflowTask(draft);
  return accepted({});
}
