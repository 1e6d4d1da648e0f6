import type { HistoryEvent } from '@duramesh/engine';

/** What a simulated workflow says when it is asked. */
export interface QueryAnswer {
  readonly runId: string;
  /** The last event it knows of. */
  readonly lastEventId: number;
  /** Request ids of the signals it has got. */
  readonly signals: readonly string[];
}

export const answerQuery = (runId: string, events: readonly HistoryEvent[]): QueryAnswer => ({
  runId,
  lastEventId: events.at(-1)?.eventId ?? 0,
  signals: events.flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.requestId ?? []),
});
