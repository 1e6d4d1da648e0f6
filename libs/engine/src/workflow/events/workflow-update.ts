import { UpdateInfo, UpdateStage } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import type { HistoryEvent } from '../events.ts';
import type { EventFamily } from '../evolve.ts';
import { rememberRequestId } from '../request-ids.ts';

type Names = 'WorkflowExecutionUpdateAdmitted' | 'WorkflowExecutionUpdateAccepted' | 'WorkflowExecutionUpdateCompleted';

/** History tells of the update from now on: it need not be kept in memory any more. */
function tell(draft: Draft, updateId: string, change: Partial<UpdateInfo>): void {
  draft.waitingUpdates.delete(updateId);
  draft.updates.set(updateId, { ...(draft.updates.get(updateId) ?? UpdateInfo.create({ updateId })), ...change });
}

function admit(draft: Draft, { updateId = '', requestId = '' }: Admission, event: HistoryEvent): void {
  // An update of another run that is accepted before its event has an id stays what it has become.
  const stage = draft.updates.get(updateId)?.stage ?? UpdateStage.UPDATE_STAGE_ADMITTED;
  tell(draft, updateId, { stage, requestId, admittedEventId: event.eventId ?? 0 });
  rememberRequestId(draft, requestId, event);
}
interface Admission {
  readonly updateId: string | undefined;
  readonly requestId: string | undefined;
}

/**
 * Updates, keyed by update id. History tells of one when the workflow accepts it; before, only when it was taken over from
 * another run. One that is rejected leaves no event. @see spec-history 7.2
 */
export const workflowUpdateEvents: EventFamily<Names> = {
  WorkflowExecutionUpdateAdmitted: {
    apply(draft, { request }, event) {
      admit(draft, { updateId: request?.meta?.updateId, requestId: request?.requestId }, event);
    },
    numbered(draft, { request }, event) {
      admit(draft, { updateId: request?.meta?.updateId, requestId: request?.requestId }, event);
    },
  },
  WorkflowExecutionUpdateAccepted: {
    numbered(draft, { protocolInstanceId = '', acceptedRequest }, event) {
      const requestId = acceptedRequest?.requestId ?? draft.updates.get(protocolInstanceId)?.requestId ?? '';
      const stage = UpdateStage.UPDATE_STAGE_ACCEPTED;
      tell(draft, protocolInstanceId, { stage, requestId, acceptedEventId: event.eventId ?? 0 });
      rememberRequestId(draft, requestId, event);
    },
  },
  WorkflowExecutionUpdateCompleted: {
    numbered(draft, { meta }, event) {
      tell(draft, meta?.updateId ?? '', {
        stage: UpdateStage.UPDATE_STAGE_COMPLETED,
        completedEventId: event.eventId ?? 0,
        completedBatchEventId: draft.batchFirstEventId,
      });
      draft.info.completedUpdateCount += 1;
    },
  },
};
