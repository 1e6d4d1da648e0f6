import type { ExternalRequestInfo, Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import type { HistoryEvent } from '../events.ts';
import type { EventFamily } from '../evolve.ts';

type Names =
  | 'RequestCancelExternalWorkflowExecutionInitiated'
  | 'RequestCancelExternalWorkflowExecutionFailed'
  | 'ExternalWorkflowExecutionCancelRequested'
  | 'SignalExternalWorkflowExecutionInitiated'
  | 'SignalExternalWorkflowExecutionFailed'
  | 'ExternalWorkflowExecutionSignaled';

type Execution = Plain<temporal.api.common.v1.IWorkflowExecution>;

const requestTo = (
  draft: Draft,
  target: Execution | undefined,
  { eventId: initiatedEventId = 0 }: HistoryEvent,
): ExternalRequestInfo => ({
  initiatedEventId,
  initiatedBatchEventId: draft.batchFirstEventId,
  workflowId: target?.workflowId ?? '',
  runId: target?.runId ?? '',
  originRunId: '',
});

interface Ending {
  readonly initiatedEventId?: number | undefined;
}
const endCancel = (draft: Draft, { initiatedEventId = 0 }: Ending): void =>
  draft.externalCancels.delete(initiatedEventId);
const endSignal = (draft: Draft, { initiatedEventId = 0 }: Ending): void =>
  draft.externalSignals.delete(initiatedEventId);

/** Signals and cancel requests to other workflows, keyed by initiated event id until they have come to something. */
export const externalWorkflowEvents: EventFamily<Names> = {
  RequestCancelExternalWorkflowExecutionInitiated: {
    numbered(draft, { workflowExecution }, event) {
      draft.externalCancels.set(event.eventId ?? 0, requestTo(draft, workflowExecution, event));
    },
  },
  RequestCancelExternalWorkflowExecutionFailed: { apply: endCancel },
  ExternalWorkflowExecutionCancelRequested: { apply: endCancel },
  SignalExternalWorkflowExecutionInitiated: {
    numbered(draft, { workflowExecution }, event) {
      draft.externalSignals.set(event.eventId ?? 0, requestTo(draft, workflowExecution, event));
    },
  },
  SignalExternalWorkflowExecutionFailed: { apply: endSignal },
  ExternalWorkflowExecutionSignaled: { apply: endSignal },
};
