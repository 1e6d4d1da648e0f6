import { GrpcCode } from '@duramesh/contracts';
import { attributesOf, HISTORY_SERVICE } from '@duramesh/engine';
import { RequestCancelWorkflowRequest, RunState } from '@duramesh/proto';
import { derivedUuid } from '@duramesh/runtime';
import { readInitiatedEvent } from '../read/history-reader.ts';
import { type Action, answered, namespaceOfRun, unlessGone } from './action.ts';

/** @see temporal.api.enums.v1.CancelExternalWorkflowExecutionFailedCause */
const NOT_FOUND = 1;

/** Asks another workflow to end itself. Nobody asks himself, whichever run is meant. @see spec-history 6.6 */
export const cancelExternal: Action<'CancelExternal'> = async (parts, { key }, { initiatedEventId }) => {
  const { deps, owner, history } = parts;
  const run = await owner.read(key);
  const { info, externalCancels } = run.state;
  const pending = externalCancels.get(initiatedEventId);
  if (!pending || info.state === RunState.RUN_STATE_COMPLETED) return;
  const event = await readInitiatedEvent(deps.store.executions, run, pending);
  const initiated = attributesOf('RequestCancelExternalWorkflowExecutionInitiated', event);
  const { reason, childWorkflowOnly = false, control } = initiated;
  const { workflowId, runId, baseRunIds } = info;
  const request = {
    workflowExecution: { workflowId: pending.workflowId, runId: pending.runId },
    identity: HISTORY_SERVICE,
    requestId: derivedUuid(pending.originRunId || runId, initiatedEventId),
    reason,
  };
  const source = { workflowId, runId, initiatedEventId, childWorkflowOnly, baseRunIds };
  const call = RequestCancelWorkflowRequest.create({ namespace: namespaceOfRun(info), request, source });
  const isSelf = pending.workflowId === workflowId;
  const taken = !isSelf && (await answered(history.requestCancelWorkflow(call), [GrpcCode.NOT_FOUND])).kind === 'done';
  const failedCause = taken ? undefined : NOT_FOUND;
  const result = { kind: 'cancel', initiatedEventId, failedCause, control } as const;
  await unlessGone(owner.execute(key, 'RecordExternalResult', result));
};
