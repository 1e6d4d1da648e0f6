import type { Draft } from './draft.ts';
import { EVENT_TYPES, type HistoryEvent } from './events.ts';

/** Which event a request has caused; its id is 0 as long as the event waits in the buffer. */
export function rememberRequestId(draft: Draft, requestId: string, { eventType = 0, eventId = 0 }: HistoryEvent): void {
  if (requestId !== '') draft.requestIds.set(requestId, { eventType, eventId });
}

/** The request that started the run. History does not tell it. A signal of the same request is what it has caused. */
export function rememberStartRequest(draft: Draft, requestId: string): void {
  draft.info.startRequestId = requestId;
  if (draft.requestIds.has(requestId)) return;
  rememberRequestId(draft, requestId, { eventType: EVENT_TYPES.WorkflowExecutionStarted, eventId: 1 });
}
