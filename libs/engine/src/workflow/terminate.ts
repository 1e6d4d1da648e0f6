import type { Draft } from './draft.ts';
import type { Attributes, EventEnvelope } from './events.ts';
import { CAUSES } from './worker-commands/worker-command.ts';
import { failWorkflowTask } from './workflow-task-end.ts';

/** The server's own name in what it writes. */
export const HISTORY_SERVICE = 'history-service';

/**
 * Ends what is in the way of a close that does not come from the worker: a workflow task that a worker holds fails, and
 * what has waited for it gets its place in history. @see spec-history 2.8
 */
export function makeWay(draft: Draft): void {
  if (draft.workflowTaskStarted)
    failWorkflowTask(draft, { cause: CAUSES.ForceCloseCommand, identity: HISTORY_SERVICE });
  draft.flushBuffer();
  draft.startBatch();
}

/** Ends the run from outside, whatever it is doing. */
export function terminate(
  draft: Draft,
  attributes: Attributes<'WorkflowExecutionTerminated'>,
  envelope: EventEnvelope = {},
): void {
  makeWay(draft);
  draft.emit('WorkflowExecutionTerminated', attributes, envelope);
}
