import { type Caller, type Execution, isTooLate, NAMESPACE } from '../caller.ts';
import type { Act } from './act.ts';
import { pendingActivity } from './pending-activity.ts';

/** Pauses a pending activity for a while: no attempt of it begins. */
export const pauseActivity: Act = async (caller, { workflowId, plan }) => {
  const { clock, dice, ids, ledger } = caller.world;
  const found = await pendingActivity(caller, workflowId);
  if (!found) return;
  const { execution, activityId } = found;
  const common = { namespace: NAMESPACE, identity: 'operator', reason: 'wait', requestId: ids.uuid() };
  const paused = dice.happens(0.5)
    ? await caller.ask('PauseActivity', { ...common, execution, id: activityId }, isTooLate)
    : await caller.ask('PauseActivityExecution', { ...common, ...execution, activityId }, isTooLate);
  if (!paused) return;
  const hold = { runId: execution.runId, activityId, fromMs: clock.now(), untilMs: Infinity };
  // The times of a run that skips time are its own.
  if (!plan.skipsTime) ledger.holds.push(hold);
  await clock.sleep(dice.below(20_000));
  if (dice.happens(0.3)) await resetActivity(caller, { execution, activityId, keepPaused: true });
  await clock.sleep(dice.below(5_000));
  hold.untilMs = clock.now();
  await letGo(caller, execution, activityId);
};

interface Renewal {
  readonly execution: Execution;
  readonly activityId: string;
  readonly keepPaused: boolean;
}

async function resetActivity(caller: Caller, { execution, activityId, keepPaused }: Renewal): Promise<void> {
  const { dice } = caller.world;
  const options = { namespace: NAMESPACE, identity: 'operator', keepPaused, resetHeartbeat: dice.happens(0.5) };
  await (dice.happens(0.5)
    ? caller.ask('ResetActivity', { ...options, execution, id: activityId }, isTooLate)
    : caller.ask('ResetActivityExecution', { ...options, ...execution, activityId }, isTooLate));
}

async function letGo(caller: Caller, execution: Execution, activityId: string): Promise<void> {
  const { dice } = caller.world;
  const common = { namespace: NAMESPACE, identity: 'operator', jitter: { seconds: dice.below(3) } };
  // A reset lets an activity go, too.
  if (dice.happens(0.3)) return resetActivity(caller, { execution, activityId, keepPaused: false });
  if (dice.happens(0.5)) {
    await caller.ask('UnpauseActivityExecution', { ...common, ...execution, activityId }, isTooLate);
    return;
  }
  const resetAttempts = dice.happens(0.3);
  await caller.ask('UnpauseActivity', { ...common, execution, id: activityId, resetAttempts }, isTooLate);
}
