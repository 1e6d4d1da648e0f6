import { isNotFound, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

export const signal: Act = async (caller, { workflowId }) => {
  const requestId = caller.world.ids.uuid();
  const request = { namespace: NAMESPACE, workflowExecution: { workflowId }, signalName: 'go', requestId };
  const answer = await caller.ask('SignalWorkflowExecution', request, isNotFound);
  if (!answer) return;
  const runId = answer.link?.workflowEvent?.runId ?? '';
  caller.world.ledger.signals.set(requestId, { workflowId, runId });
};
