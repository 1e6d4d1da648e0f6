import { GrpcCode } from '@duramesh/contracts';
import { attributesOf, HISTORY_SERVICE } from '@duramesh/engine';
import { RunState, SignalWorkflowRequest } from '@duramesh/proto';
import { derivedUuid } from '@duramesh/runtime';
import { readInitiatedEvent } from '../read/history-reader.ts';
import { type Action, type ActionParts, answered, namespaceOfRun, unlessGone } from './action.ts';

/** @see temporal.api.enums.v1.SignalExternalWorkflowExecutionFailedCause */
const CAUSE = { notFound: 1, signalCountLimitExceeded: 3 } as const;

/** Signals another workflow. Nobody signals himself, whichever run is meant. @see spec-history 6.6 */
export const signalExternal: Action<'SignalExternal'> = async (parts, { key }, { initiatedEventId }) => {
  const { deps, owner } = parts;
  const run = await owner.read(key);
  const { info, externalSignals } = run.state;
  const pending = externalSignals.get(initiatedEventId);
  if (!pending || info.state === RunState.RUN_STATE_COMPLETED) return;
  const event = await readInitiatedEvent(deps.store.executions, run, pending);
  const initiated = attributesOf('SignalExternalWorkflowExecutionInitiated', event);
  const { signalName, input, header, childWorkflowOnly = false, control } = initiated;
  const { workflowId, runId, baseRunIds } = info;
  const request = {
    workflowExecution: { workflowId: pending.workflowId, runId: pending.runId },
    signalName,
    input,
    header,
    identity: HISTORY_SERVICE,
    requestId: derivedUuid(pending.originRunId || runId, initiatedEventId),
  };
  const source = { workflowId, runId, initiatedEventId, childWorkflowOnly, baseRunIds };
  const call = SignalWorkflowRequest.create({ namespace: namespaceOfRun(info), request, source });
  const failedCause = pending.workflowId === workflowId ? CAUSE.notFound : await send(parts, call);
  const result = { kind: 'signal', initiatedEventId, failedCause, control } as const;
  await unlessGone(owner.execute(key, 'RecordExternalResult', result));
};

/** Why the signal was not taken; undefined when it was. */
async function send({ history }: ActionParts, call: SignalWorkflowRequest): Promise<number | undefined> {
  const sent = await answered(history.signalWorkflow(call), [GrpcCode.NOT_FOUND, GrpcCode.INVALID_ARGUMENT]);
  if (sent.kind === 'done') return undefined;
  return sent.code === GrpcCode.NOT_FOUND ? CAUSE.notFound : CAUSE.signalCountLimitExceeded;
}
