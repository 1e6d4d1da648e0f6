import { accepted, type CommandOf, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { withReset } from '../resets.ts';
import { terminate } from '../terminate.ts';

/** Another run goes on from a point of this one, or instead of it. @see spec-history 8.1 */
export function leaveToReset(draft: Draft, command: CommandOf<'LeaveToReset'>): Verdict<ReplyOf<'LeaveToReset'>> {
  const { newRunId, requestId, reason, isBase } = command;
  const { info, children } = draft;
  if (isBase) {
    info.resetRunId = newRunId;
    info.resets = withReset(info.resets, { requestId, runId: newRunId });
  }
  if (!draft.isOpen) return accepted({});
  info.endedByReset = true;
  // The other run goes on with parent and children: they are not told that this one has ended.
  info.parentTold = true;
  for (const child of children.values()) children.set(child.initiatedEventId, { ...child, policyApplied: true });
  terminate(draft, { reason, identity: 'history-resetter' });
  return accepted({});
}
