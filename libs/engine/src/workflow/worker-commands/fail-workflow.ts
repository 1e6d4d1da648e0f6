import type { Plain, temporal } from '@duramesh/proto';
import { continueAfterFailure } from '../chain.ts';
import type { Draft } from '../draft.ts';
import { failureSizeBytes } from '../failures.ts';
import { closesPastEvents } from './closing.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IFailWorkflowExecutionCommandAttributes>;

/** Ends the run with a failure; its retry policy, or else its cron schedule, has it followed by another. */
export function failWorkflow(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (closesPastEvents(draft)) return commandFailure('UnhandledCommand');
  if (!attributes) {
    const text = 'FailWorkflowExecutionCommandAttributes is not set on FailWorkflowExecutionCommand.';
    return commandFailure('BadFailWorkflowExecutionAttributes', text);
  }
  const { failure } = attributes;
  if (!failure) {
    return commandFailure('BadFailWorkflowExecutionAttributes', 'Failure is not set on FailWorkflowExecutionCommand.');
  }
  if (failureSizeBytes(failure) > draft.environment.limits.blobSizeBytes) {
    const text = 'FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.';
    return terminatingFailure('BadFailWorkflowExecutionAttributes', text);
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const { retryState, newExecutionRunId } = continueAfterFailure(draft, { failure, byWorker: true });
  draft.emit(
    'WorkflowExecutionFailed',
    { failure, retryState, workflowTaskCompletedEventId, newExecutionRunId },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
