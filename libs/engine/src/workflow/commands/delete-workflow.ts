import { accepted, type CommandOf, noop, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { HISTORY_SERVICE, terminate } from '../terminate.ts';

/** The run is to go: at once when it has ended, else it is ended for that. @see spec-history 6.4 */
export function deleteWorkflow(
  draft: Draft,
  _command: CommandOf<'DeleteWorkflow'>,
): Verdict<ReplyOf<'DeleteWorkflow'>> {
  if (draft.info.deleteRequested) return noop({});
  if (draft.isOpen) terminate(draft, { reason: 'Delete workflow execution', identity: HISTORY_SERVICE });
  draft.info.deleteRequested = true;
  return accepted({});
}
