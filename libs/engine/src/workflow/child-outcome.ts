import type { ChildInfo } from '@duramesh/proto';
import type { CommandOf } from './commands.ts';
import type { Draft } from './draft.ts';
import { type Attributes, attributesOf, eventName, type HistoryEvent } from './events.ts';

type Started = Attributes<'ChildWorkflowExecutionStarted'>;

interface Start {
  /** The first run of the child. */
  readonly runId: string;
  readonly header: CommandOf<'RecordChildStarted'>['header'];
}

/** Writes that a child was started. */
export function tellChildStarted(draft: Draft, child: ChildInfo, { runId, header }: Start): void {
  draft.buffer('ChildWorkflowExecutionStarted', { ...named(draft, child, runId), header });
}

/** What all events about a started child say. */
function named({ info }: Draft, child: ChildInfo, runId: string): Started {
  return {
    namespace: info.namespace,
    namespaceId: info.namespaceId,
    initiatedEventId: child.initiatedEventId,
    workflowExecution: { workflowId: child.workflowId, runId },
    workflowType: { name: child.workflowType },
  };
}

/**
 * Writes how a child has ended, as its last event says.
 * @returns false when that event ends nothing
 */
export function tellChildClosed(
  draft: Draft,
  child: ChildInfo,
  { runId, closeEvent }: { readonly runId: string; readonly closeEvent: HistoryEvent },
): boolean {
  // Where the started event still waits for its id, the flush fills it in.
  const common = { ...named(draft, child, runId), startedEventId: child.startedEventId };
  const name = eventName(closeEvent.eventType);
  switch (name) {
    case 'WorkflowExecutionCompleted': {
      const { result } = attributesOf(name, closeEvent);
      draft.buffer('ChildWorkflowExecutionCompleted', { ...common, result });
      return true;
    }
    case 'WorkflowExecutionFailed': {
      const { failure, retryState } = attributesOf(name, closeEvent);
      draft.buffer('ChildWorkflowExecutionFailed', { ...common, failure, retryState });
      return true;
    }
    case 'WorkflowExecutionCanceled': {
      const { details } = attributesOf(name, closeEvent);
      draft.buffer('ChildWorkflowExecutionCanceled', { ...common, details });
      return true;
    }
    case 'WorkflowExecutionTimedOut': {
      const { retryState } = attributesOf(name, closeEvent);
      draft.buffer('ChildWorkflowExecutionTimedOut', { ...common, retryState });
      return true;
    }
    case 'WorkflowExecutionTerminated':
      draft.buffer('ChildWorkflowExecutionTerminated', common);
      return true;
    default:
      return false;
  }
}
