import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { EVENT_TYPES } from '../events.ts';
import { alreadyCompleted, otherParent, refusal, workflowClosing } from '../refusal.ts';
import { isForOtherParent, toldBy } from '../requesting-workflow.ts';
import { ensureWorkflowTask, ensureWorkflowTaskUnlessWaiting } from '../workflow-task.ts';

const tooMany = refusal('InvalidArgument', 'exceeded workflow execution limit for signal events');

/**
 * Records a signal, once per request id. A repetition is accepted even after the run has closed, because the first
 * answer may have been lost. @see spec-history 6.2
 */
export function signalWorkflow(draft: Draft, command: CommandOf<'SignalWorkflow'>): Verdict<ReplyOf<'SignalWorkflow'>> {
  if (draft.requestIds.get(command.requestId)?.eventType === EVENT_TYPES.WorkflowExecutionSignaled) return noop({});
  if (!draft.isOpen) return refused(alreadyCompleted);
  const { signals } = draft.environment.limits;
  if (signals > 0 && draft.info.signalCount >= signals) return refused(tooMany);
  if (draft.info.closeAttempted && draft.workflowTaskStarted) return refused(workflowClosing);

  const { signalName, input, identity, header, requestId, links, source } = command;
  if (isForOtherParent(draft, source)) return refused(otherParent);
  const { externalWorkflowExecution } = toldBy(source);
  draft.buffer(
    'WorkflowExecutionSignaled',
    { signalName, input, identity, header, requestId, externalWorkflowExecution },
    { links },
  );
  if (command.endsBackoff) ensureWorkflowTask(draft);
  else ensureWorkflowTaskUnlessWaiting(draft);
  return accepted({});
}
