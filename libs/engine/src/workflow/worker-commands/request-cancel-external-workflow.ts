import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { targetProblem } from './target-workflow.ts';
import { commandFailure, type CommandFailure, pendingFailure, type WorkerCommandContext } from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IRequestCancelExternalWorkflowExecutionCommandAttributes>;

const COMMAND = 'RequestCancelExternalWorkflowExecutionCommand';
const PENDING = {
  cause: 'PendingRequestCancelLimitExceeded',
  name: 'pending requests to cancel external workflows',
} as const;

const bad = (message: string): CommandFailure =>
  commandFailure('BadRequestCancelExternalWorkflowExecutionAttributes', message);

/** Asks another workflow, or a child, to end itself. A child of the same completion is not there yet to be asked. */
export function requestCancelExternalWorkflow(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad(`RequestCancelExternalWorkflowExecutionCommandAttributes is not set on ${COMMAND}.`);
  const { namespace = '', workflowId = '', runId = '', control, childWorkflowOnly, reason } = attributes;
  const target = { namespace, workflowId, runId, command: COMMAND };
  const withId = `WorkflowId=${workflowId} RunId=${runId} Namespace=${namespace}`;
  const problem = targetProblem(draft, target, { withoutId: `Namespace=${namespace} RunId=${runId}`, withId });
  if (problem) return bad(problem);
  if (context.effects.children.has(workflowId)) {
    return bad(`Start and RequestCancel for child workflow is not allowed in same workflow task. ${withId}`);
  }
  const tooMany = pendingFailure(PENDING, draft.externalCancels.size, draft.environment.limits.pendingExternalCancels);
  if (tooMany) return tooMany;
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const { eventId: initiatedEventId = 0 } = draft.emit(
    'RequestCancelExternalWorkflowExecutionInitiated',
    {
      workflowTaskCompletedEventId,
      namespace,
      namespaceId: draft.info.namespaceId,
      workflowExecution: { workflowId, runId },
      control,
      childWorkflowOnly,
      reason,
    },
    { userMetadata, eventGroupMarkers },
  );
  draft.tasks.push({ type: 'CancelExternal', initiatedEventId });
  return undefined;
}
