import { isInvalid, isTooLate, NAMESPACE, PATIENCE_MS } from '../caller.ts';
import type { Act } from './act.ts';

/** temporal.api.enums.v1.FastForwardPollingResult */
const PENDING = 1;

/** Lets a workflow that skips time skip some of it, and waits until it has. */
export const fastForward: Act = async (caller, { workflowId, plan }) => {
  const { clock, dice, ids } = caller.world;
  if (!plan.skipsTime) return;
  const id = ids.uuid();
  const workflowExecution = { workflowId };
  const timeSkippingConfig = { enabled: true, fastForwardConfig: { id, duration: { seconds: dice.between(1, 20) } } };
  const request = {
    namespace: NAMESPACE,
    workflowExecution,
    workflowExecutionOptions: { timeSkippingConfig },
    updateMask: { paths: ['time_skipping_config'] },
  };
  if (!(await caller.ask('UpdateWorkflowExecutionOptions', request, isTooLate))) return;
  const poll = { namespace: NAMESPACE, workflowExecution, fastForwardId: id };
  for (const untilMs = clock.now() + PATIENCE_MS; clock.now() < untilMs;) {
    const isOver = (error: unknown): boolean => isTooLate(error) || isInvalid(error);
    const answer = await caller.ask('PollWorkflowExecutionTimeSkipping', poll, isOver);
    if (answer?.fastForwardPollingResult !== PENDING) return;
    await clock.sleep(dice.between(100, 1_000));
  }
};
