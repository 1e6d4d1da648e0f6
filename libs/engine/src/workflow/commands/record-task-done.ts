import { accepted, type CommandOf, noop, type ReplyOf, type Verdict } from '../commands.ts';
import { isToBeStarted } from '../child-work.ts';
import type { Draft } from '../draft.ts';

const DONE = {
  ConfirmChild: { confirmed: true },
  AskChild: { endAsked: true },
  ApplyClosePolicy: { policyApplied: true },
} as const;

/** Notes that another workflow was told what it had to be: nobody needs to tell it again. Closed runs note this, too. */
export function recordTaskDone(draft: Draft, command: CommandOf<'RecordTaskDone'>): Verdict<ReplyOf<'RecordTaskDone'>> {
  if (command.type === 'ReportToParent') {
    if (draft.info.parentTold) return noop({});
    draft.info.parentTold = true;
    return accepted({});
  }
  const child = draft.children.get(command.initiatedEventId);
  // A child that has not started was told nothing.
  if (!child || isToBeStarted(child)) return noop({});
  draft.children.set(command.initiatedEventId, { ...child, ...DONE[command.type] });
  return accepted({});
}
