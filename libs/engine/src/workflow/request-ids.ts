import type { Draft } from './draft.ts';
import { EVENT_TYPES, type HistoryEvent } from './events.ts';

/** Which event a request has caused; its id is 0 as long as the event waits in the buffer. */
export function rememberRequestId(draft: Draft, requestId: string, { eventType = 0, eventId = 0 }: HistoryEvent): void {
  if (requestId !== '') draft.requestIds.set(requestId, { eventType, eventId });
}

/** The request that started the run. History does not tell it. */
export function rememberStartRequest(draft: Draft, requestId: string): void {
  draft.info.startRequestId = requestId;
  rememberRequestId(draft, requestId, { eventType: EVENT_TYPES.WorkflowExecutionStarted, eventId: 1 });
}
