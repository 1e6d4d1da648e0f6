import { BufferedEvent } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { type Refusal, refusal } from './refusal.ts';
import { HISTORY_SERVICE } from './terminate.ts';
import { CAUSES } from './worker-commands/worker-command.ts';
import { scheduleWorkflowTask } from './workflow-task.ts';
import { failWorkflowTask } from './workflow-task-end.ts';

const tooLarge = refusal('InvalidArgument', 'Workflow history size exceeds limit.');
const tooLong = refusal('InvalidArgument', 'Workflow history count exceeds limit.');

/** Why the run must end instead of going on. Events that get their ids with this transition do not count yet. */
export function historyLimitRefusal({ info, isOpen, environment: { limits } }: Draft): Refusal | undefined {
  if (!isOpen) return undefined;
  if (info.nextEventId - 1 > limits.historyCount) return tooLong;
  return info.historySizeBytes > limits.historySizeBytes ? tooLarge : undefined;
}

/**
 * No more can wait for the running workflow task than fits: then the task fails, the events get their places, and
 * another task tells of them. @see spec-history 2.8
 */
export function endOverfullBuffer(draft: Draft): void {
  const { info, environment } = draft;
  if (!draft.hasBuffered) info.bufferedSizeBytes = 0;
  if (!draft.isOpen || !draft.workflowTaskStarted || !draft.buffered.touched) return;
  const { bufferedEvents, bufferedSizeBytes } = environment.limits;
  draft.buffered.forEachChange((was, is) => {
    if (!was && is) info.bufferedSizeBytes += BufferedEvent.encode({ event: is }).length;
  });
  if (draft.buffered.size <= bufferedEvents && info.bufferedSizeBytes <= bufferedSizeBytes) return;
  failWorkflowTask(draft, { cause: CAUSES.ForceCloseCommand, identity: HISTORY_SERVICE });
  scheduleWorkflowTask(draft);
  info.bufferedSizeBytes = 0;
}
