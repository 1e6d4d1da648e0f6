import type { HistoryEvent } from '@duramesh/engine';
import { toPayload, toPayloads } from '../payloads.ts';
import type { WorkflowPlan } from '../plan/workflow-plan.ts';
import { type Command, COMMAND } from './command.ts';

/** Completes, fails or continues the workflow. */
export function end(events: readonly HistoryEvent[], plan: WorkflowPlan): readonly Command[] {
  if (plan.generations > 0) return [continueAsNew(plan)];
  const attempt = events[0]?.workflowExecutionStartedEventAttributes?.attempt ?? 1;
  if (attempt <= (plan.more?.failures ?? 0)) return [fail(attempt)];
  const attributes = { result: toPayloads('done') };
  return [{ commandType: COMMAND.complete, completeWorkflowExecutionCommandAttributes: attributes }];
}

const fail = (attempt: number): Command => ({
  commandType: COMMAND.fail,
  failWorkflowExecutionCommandAttributes: {
    failure: { message: `attempt ${attempt}`, applicationFailureInfo: { type: 'Planned' } },
  },
});

function continueAsNew(plan: WorkflowPlan): Command {
  // Signals were for the first run: those that follow wait for none.
  const next: WorkflowPlan = { ...plan, signals: 0, generations: plan.generations - 1 };
  const continueAsNewWorkflowExecutionCommandAttributes = {
    workflowType: { name: 'plan' },
    taskQueue: { name: plan.taskQueue },
    input: toPayloads(next),
    ...(plan.more && {
      // Each run has other options than the one before it.
      workflowRunTimeout: { seconds: 400 + plan.generations },
      workflowTaskTimeout: { seconds: 4 },
      memo: { fields: { generation: toPayload(plan.generations) } },
    }),
  };
  return { commandType: COMMAND.continueAsNew, continueAsNewWorkflowExecutionCommandAttributes };
}
