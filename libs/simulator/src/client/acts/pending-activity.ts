import type { Caller, Execution } from '../caller.ts';

/** One of the activities that the current run waits for. */
export async function pendingActivity(
  caller: Caller,
  workflowId: string,
): Promise<{ readonly execution: Execution; readonly activityId: string } | undefined> {
  const description = await caller.describe(workflowId);
  const runId = description?.workflowExecutionInfo?.execution?.runId ?? '';
  const pending = description?.pendingActivities ?? [];
  if (pending.length === 0) return undefined;
  const { activityId = '' } = caller.world.dice.pick(pending);
  return { execution: { workflowId, runId }, activityId };
}
