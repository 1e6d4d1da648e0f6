import type { RequestingWorkflow } from './commands.ts';
import type { Draft } from './draft.ts';
import type { Attributes } from './events.ts';

/** A parent means its child, and this run is none of its. */
export function isForOtherParent({ info: { parent } }: Draft, source: RequestingWorkflow | undefined): boolean {
  if (!source?.childWorkflowOnly) return false;
  if (parent?.workflowId !== source.workflowId) return true;
  return parent.runId !== source.runId && !source.baseRunIds?.includes(parent.runId);
}

/** What an event tells of the workflow that caused it, if one did. */
export function toldBy(
  source: RequestingWorkflow | undefined,
): Pick<Attributes<'WorkflowExecutionCancelRequested'>, 'externalInitiatedEventId' | 'externalWorkflowExecution'> {
  if (!source) return {};
  const { workflowId, runId, initiatedEventId } = source;
  return { externalInitiatedEventId: initiatedEventId, externalWorkflowExecution: { workflowId, runId } };
}
