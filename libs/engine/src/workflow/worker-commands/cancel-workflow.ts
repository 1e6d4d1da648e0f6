import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { closesPastEvents } from './closing.ts';
import { commandFailure, type CommandFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.ICancelWorkflowExecutionCommandAttributes>;

/** Ends the run as canceled, whether or not that was asked for. It is neither retried nor run again by its schedule. */
export function cancelWorkflow(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (closesPastEvents(draft)) return commandFailure('UnhandledCommand');
  if (!attributes) {
    const text = 'CancelWorkflowExecutionCommandAttributes is not set on CancelWorkflowExecutionCommand.';
    return commandFailure('BadCancelWorkflowExecutionAttributes', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const { details } = attributes;
  draft.emit(
    'WorkflowExecutionCanceled',
    { details, workflowTaskCompletedEventId },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
