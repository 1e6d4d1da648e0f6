import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted, otherChain, otherParent } from '../refusal.ts';
import { isForOtherParent } from '../requesting-workflow.ts';
import { terminate } from '../terminate.ts';

const DEFAULT_REASON = 'terminated by user via frontend';
const DEFAULT_IDENTITY = 'frontend-service';

/** Ends the run without asking it. @see spec-history 6.4 */
export function terminateWorkflow(
  draft: Draft,
  command: CommandOf<'TerminateWorkflow'>,
): Verdict<ReplyOf<'TerminateWorkflow'>> {
  const { firstExecutionRunId, reason, details, identity, links, source } = command;
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (isForOtherParent(draft, source)) return refused(otherParent);
  if (firstExecutionRunId !== '' && firstExecutionRunId !== draft.info.firstExecutionRunId) return refused(otherChain);
  terminate(draft, { reason: reason || DEFAULT_REASON, details, identity: identity || DEFAULT_IDENTITY }, { links });
  return accepted({});
}
