import { isTooLate, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';
import { pendingActivity } from './pending-activity.ts';

/** Gives a pending activity other intervals between its attempts: those that begin later know of it. */
export const updateActivityOptions: Act = async (caller, { workflowId, plan }) => {
  const { clock, dice, ledger } = caller.world;
  const found = await pendingActivity(caller, workflowId);
  if (!found) return;
  const { execution, activityId } = found;
  const seconds = dice.between(7, 60);
  const change = {
    namespace: NAMESPACE,
    identity: 'operator',
    activityOptions: { retryPolicy: { maximumInterval: { seconds } } },
    updateMask: { paths: ['retry_policy.maximum_interval'] },
  };
  const changed = dice.happens(0.5)
    ? await caller.ask('UpdateActivityOptions', { ...change, execution, id: activityId }, isTooLate)
    : await caller.ask('UpdateActivityExecutionOptions', { ...change, ...execution, activityId }, isTooLate);
  if (!changed || plan.skipsTime) return;
  ledger.changedIntervals.set(`${execution.runId}/${activityId}`, { fromMs: clock.now(), seconds });
};
