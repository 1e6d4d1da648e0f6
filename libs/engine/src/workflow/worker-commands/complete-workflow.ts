import type { Plain, temporal } from '@duramesh/proto';
import { continueByCron } from '../chain.ts';
import type { Draft } from '../draft.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { closesPastEvents } from './closing.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.ICompleteWorkflowExecutionCommandAttributes>;

/** Ends the run with a result; a cron schedule has it followed by another. */
export function completeWorkflow(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (closesPastEvents(draft)) return commandFailure('UnhandledCommand');
  if (!attributes) {
    const text = 'CompleteWorkflowExecutionCommandAttributes is not set on CompleteWorkflowExecutionCommand.';
    return commandFailure('BadCompleteWorkflowExecutionAttributes', text);
  }
  const { result } = attributes;
  if (payloadsSizeBytes(result) > draft.environment.limits.blobSizeBytes) {
    // The cause is the reference's, whatever it was meant to be.
    const text = 'CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.';
    return terminatingFailure('BadScheduleActivityAttributes', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const newExecutionRunId = continueByCron(draft, { result });
  draft.emit(
    'WorkflowExecutionCompleted',
    { result, workflowTaskCompletedEventId, newExecutionRunId },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
