import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { targetProblem } from './target-workflow.ts';
import {
  commandFailure,
  type CommandFailure,
  pendingFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.ISignalExternalWorkflowExecutionCommandAttributes>;

const COMMAND = 'SignalExternalWorkflowExecutionCommand';
const CAUSE = 'BadSignalWorkflowExecutionAttributes';
const PENDING = { cause: 'PendingSignalsLimitExceeded', name: 'pending signals to external workflows' } as const;

const bad = (message: string): CommandFailure => commandFailure(CAUSE, message);

/** Signals another workflow, or a child. */
export function signalExternalWorkflow(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad(`SignalExternalWorkflowExecutionCommandAttributes is not set on ${COMMAND}.`);
  const problem = attributesProblem(draft, attributes);
  if (problem) return bad(problem);
  const { blobSizeBytes, pendingExternalSignals } = draft.environment.limits;
  const tooMany = pendingFailure(PENDING, draft.externalSignals.size, pendingExternalSignals);
  if (tooMany) return tooMany;
  const { input, namespace, execution, signalName, control, childWorkflowOnly, header } = attributes;
  if (payloadsSizeBytes(input) > blobSizeBytes) {
    return terminatingFailure(CAUSE, 'SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.');
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  const { eventId: initiatedEventId = 0 } = draft.emit(
    'SignalExternalWorkflowExecutionInitiated',
    {
      workflowTaskCompletedEventId,
      namespace,
      namespaceId: draft.info.namespaceId,
      workflowExecution: { workflowId: execution?.workflowId, runId: execution?.runId },
      signalName,
      input,
      control,
      childWorkflowOnly,
      header,
    },
    { userMetadata, eventGroupMarkers },
  );
  draft.tasks.push({ type: 'SignalExternal', initiatedEventId });
  return undefined;
}

function attributesProblem(draft: Draft, { execution, namespace = '', signalName = '' }: Attributes) {
  if (!execution) return `Execution is not set on ${COMMAND}.`;
  const { workflowId = '', runId = '' } = execution;
  const withoutId = `Namespace=${namespace} RunId=${runId} SignalName=${signalName}`;
  const target = { namespace, workflowId, runId, command: COMMAND };
  const problem = targetProblem(draft, target, { withoutId, withId: `WorkflowId=${workflowId} ${withoutId}` });
  if (problem) return problem;
  if (signalName !== '') return undefined;
  return `SignalName is not set on ${COMMAND}. WorkflowId=${workflowId} Namespace=${namespace} RunId=${runId}`;
}
