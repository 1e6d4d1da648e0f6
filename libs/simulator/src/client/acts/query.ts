import { fromPayloads } from '../../payloads.ts';
import type { QueryAnswer } from '../../script/answer-query.ts';
import { isTooLate, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';

/** Asks the workflow what it knows: all that was acknowledged before must be there. */
export const query: Act = async (caller, { workflowId }) => {
  const { ledger } = caller.world;
  const completions = ledger.taskCompletions.length;
  const signals = [...ledger.signals];
  const request = { namespace: NAMESPACE, execution: { workflowId }, query: { queryType: 'progress' } };
  const answer = await caller.ask('QueryWorkflow', request, isTooLate);
  if (!answer?.queryResult) return;
  const told = fromPayloads(answer.queryResult) as QueryAnswer;
  const lastEventId = ledger.lastEventKnown(told.runId, completions);
  if (told.lastEventId < lastEventId) {
    ledger.violation(
      `${workflowId}/${told.runId}: a query knew ${told.lastEventId}, a worker had known ${lastEventId}`,
    );
  }
  for (const [requestId, { runId }] of signals) {
    if (runId !== told.runId || told.signals.includes(requestId)) continue;
    ledger.violation(`${workflowId}/${runId}: a query did not know of acknowledged signal ${requestId}`);
  }
};
