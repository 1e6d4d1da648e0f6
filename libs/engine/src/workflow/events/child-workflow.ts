import type { Draft } from '../draft.ts';
import type { EventFamily } from '../evolve.ts';

type Names =
  | 'StartChildWorkflowExecutionInitiated'
  | 'StartChildWorkflowExecutionFailed'
  | 'ChildWorkflowExecutionStarted'
  | 'ChildWorkflowExecutionCompleted'
  | 'ChildWorkflowExecutionFailed'
  | 'ChildWorkflowExecutionCanceled'
  | 'ChildWorkflowExecutionTimedOut'
  | 'ChildWorkflowExecutionTerminated';

interface Ending {
  readonly initiatedEventId?: number | undefined;
}
const end = (draft: Draft, { initiatedEventId = 0 }: Ending): void => draft.children.delete(initiatedEventId);

/**
 * Children, keyed by initiated event id. That a child knows of its start, and what it was told after the close of its
 * parent, are notes.
 */
export const childWorkflowEvents: EventFamily<Names> = {
  StartChildWorkflowExecutionInitiated: {
    numbered(draft, attributes, { eventId: initiatedEventId = 0 }) {
      draft.children.set(initiatedEventId, {
        initiatedEventId,
        initiatedBatchEventId: draft.batchFirstEventId,
        workflowId: attributes.workflowId ?? '',
        workflowType: attributes.workflowType?.name ?? '',
        parentClosePolicy: attributes.parentClosePolicy ?? 0,
        runId: '',
        startedEventId: 0,
        confirmed: false,
        policyApplied: false,
        originRunId: '',
        endAsked: false,
      });
    },
  },
  StartChildWorkflowExecutionFailed: { apply: end },
  ChildWorkflowExecutionStarted: {
    apply(draft, { initiatedEventId = 0, workflowExecution }) {
      const child = draft.children.get(initiatedEventId);
      if (child) draft.children.set(initiatedEventId, { ...child, runId: workflowExecution?.runId ?? '' });
    },
    numbered(draft, { initiatedEventId = 0 }, { eventId: startedEventId = 0 }) {
      // It may have ended while this event waited for its id.
      const child = draft.children.get(initiatedEventId);
      if (child) draft.children.set(initiatedEventId, { ...child, startedEventId });
    },
  },
  ChildWorkflowExecutionCompleted: { apply: end },
  ChildWorkflowExecutionFailed: { apply: end },
  ChildWorkflowExecutionCanceled: { apply: end },
  ChildWorkflowExecutionTimedOut: { apply: end },
  ChildWorkflowExecutionTerminated: { apply: end },
};
