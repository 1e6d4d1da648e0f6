import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted } from '../refusal.ts';

/** The next workflow task goes to the normal queue. @see spec-history 2.10 */
export function resetSticky(draft: Draft, _command: CommandOf<'ResetSticky'>): Verdict<ReplyOf<'ResetSticky'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (!draft.info.sticky) return noop({});
  draft.info.sticky = undefined;
  return accepted({});
}
