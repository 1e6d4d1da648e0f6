import { accepted, type CommandOf, noop, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

/**
 * The parent has recorded that this child was started, so a worker may be asked; a child of a cron schedule waits for
 * its time first. Told again it changes nothing. @see spec-history 6.5
 */
export function scheduleFirstWorkflowTask(
  draft: Draft,
  _command: CommandOf<'ScheduleFirstWorkflowTask'>,
): Verdict<ReplyOf<'ScheduleFirstWorkflowTask'>> {
  const { awaitedParent, backoffUntilMs } = draft.info;
  if (!awaitedParent || !draft.isOpen) return noop({});
  draft.info.awaitedParent = undefined;
  if (awaitedParent.taskWanted || backoffUntilMs <= draft.now) ensureWorkflowTask(draft);
  return accepted({});
}
