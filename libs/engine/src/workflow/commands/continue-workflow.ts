import { accepted, type CommandOf, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { rememberStartRequest } from '../request-ids.ts';
import { scheduleWorkflowTask } from '../workflow-task.ts';

/** Begins the next run of a chain; what it starts with was decided when the run before it closed. @see chain.ts */
export function continueWorkflow(
  draft: Draft,
  command: CommandOf<'ContinueWorkflow'>,
): Verdict<ReplyOf<'ContinueWorkflow'>> {
  draft.info.namespace = command.namespace;
  draft.emit('WorkflowExecutionStarted', command.started, { links: command.links });
  rememberStartRequest(draft, command.requestId);
  draft.info.chainRequestId = command.chainRequestId;
  draft.info.resets = command.resets;
  if (draft.info.backoffUntilMs === 0) scheduleWorkflowTask(draft);
  return accepted({});
}
