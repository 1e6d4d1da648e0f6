import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import { callbacksRefusal } from '../callbacks.ts';
import type { Draft } from '../draft.ts';
import { EVENT_TYPES } from '../events.ts';
import { alreadyCompleted } from '../refusal.ts';

/**
 * A start that met a running workflow leaves its request id, callbacks and links with it. The worker is not told by a
 * task of its own. @see spec-history 1.3
 */
export function attachRequest(draft: Draft, command: CommandOf<'AttachRequest'>): Verdict<ReplyOf<'AttachRequest'>> {
  const { requestId, attachRequestId, completionCallbacks, links } = command;
  const known = draft.requestIds.get(requestId);
  if (known?.eventType === EVENT_TYPES.WorkflowExecutionOptionsUpdated) return noop({});
  if (!draft.isOpen) return refused(alreadyCompleted);
  const tooMany = callbacksRefusal(draft, completionCallbacks.length);
  if (tooMany) return refused(tooMany);
  draft.buffer(
    'WorkflowExecutionOptionsUpdated',
    {
      attachedRequestId: attachRequestId ? requestId : '',
      attachedCompletionCallbacks: completionCallbacks,
    },
    { links, workerMayIgnore: true },
  );
  return accepted({});
}
