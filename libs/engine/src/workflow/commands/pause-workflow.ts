import { must } from '@duramesh/runtime';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { isPaused } from '../paused.ts';
import { alreadyCompleted, refusal } from '../refusal.ts';
import { HISTORY_SERVICE } from '../terminate.ts';
import { CAUSES } from '../worker-commands/worker-command.ts';
import { makeNormal } from '../workflow-task.ts';

const alreadyPaused = refusal('FailedPrecondition', 'workflow is already paused.');

/**
 * No worker is asked until the run is let go. A workflow task that a worker holds may end; one that waits is withdrawn.
 * @see spec-history 8.2
 */
export function pauseWorkflow(draft: Draft, command: CommandOf<'PauseWorkflow'>): Verdict<ReplyOf<'PauseWorkflow'>> {
  const { identity, reason, requestId } = command;
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (isPaused(draft.info)) {
    const isRepeated = requestId !== '' && draft.info.pause?.requestId === requestId;
    return isRepeated ? noop({}) : refused(alreadyPaused);
  }
  if (draft.info.workflowTask && !draft.workflowTaskStarted) withdrawWorkflowTask(draft);
  else if (draft.info.workflowTask?.speculative) makeNormal(draft);
  draft.buffer('WorkflowExecutionPaused', { identity, reason, requestId }, { workerMayIgnore: true });
  return accepted({});
}

/** Takes back a workflow task that no worker has taken: the run is about to be paused. It does not count as failing. */
function withdrawWorkflowTask(draft: Draft): void {
  const task = must(draft.info.workflowTask, 'a workflow task that is withdrawn must be pending');
  const { scheduledEventId, startedEventId, inHistory } = task;
  const cause = CAUSES.WorkflowPauseRequestedBeforeTaskStarted;
  if (inHistory) {
    draft.emit('WorkflowTaskFailed', { scheduledEventId, startedEventId, cause, identity: HISTORY_SERVICE });
  }
  draft.info.workflowTask = undefined;
  draft.info.sticky = undefined;
  draft.info.nextWorkflowTaskAttempt = 1;
}
