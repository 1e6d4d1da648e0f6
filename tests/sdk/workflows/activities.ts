import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  TimeoutFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

export async function hello(name: string): Promise<string> {
  return proxyActivities<Activities>({ startToCloseTimeout: '10s' }).greet(name);
}

export async function retriedActivity(attempts: number): Promise<{ attempt: number; heartbeat: unknown }> {
  const { failUntilAttempt } = proxyActivities<Activities>({
    startToCloseTimeout: '10s',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '50ms', backoffCoefficient: 1 },
  });
  return failUntilAttempt(attempts);
}

export interface TimedOut {
  readonly activityType: string;
  readonly timeoutType: string | undefined;
  readonly retryState: string | undefined;
  readonly lastHeartbeat: unknown;
}

/** Runs an activity that never ends, and tells which of its timeouts it met. */
export async function timedOutActivity(
  activity: 'hang' | 'heartbeatOnce',
  options: ActivityOptions,
): Promise<TimedOut> {
  try {
    await proxyActivities<Activities>(options)[activity]();
  } catch (error) {
    if (!(error instanceof ActivityFailure && error.cause instanceof TimeoutFailure)) throw error;
    const { timeoutType, lastHeartbeatDetails } = error.cause;
    const { activityType, retryState } = error;
    return { activityType, timeoutType, retryState, lastHeartbeat: lastHeartbeatDetails as unknown };
  }
  throw new Error('the activity came to an end');
}

/** Cancels an activity once it runs, by a signal from the test, and waits until it says that it is cancelled. */
export async function cancelledActivity(key: string): Promise<string> {
  const { heartbeatUntilCancelled } = proxyActivities<Activities>({
    startToCloseTimeout: '60s',
    heartbeatTimeout: '1s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  try {
    await CancellationScope.cancellable(() => heartbeatUntilCancelled(key));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return 'the activity was cancelled';
  }
  return 'the activity came to an end';
}

export async function localActivities(key: string): Promise<readonly unknown[]> {
  const local = proxyLocalActivities<Activities>({
    startToCloseTimeout: '10s',
    retry: { initialInterval: '50ms', backoffCoefficient: 1 },
  });
  return [await local.effect(key), await local.failUntilAttempt(3).then(({ attempt }) => attempt)];
}

/** With a workflow task timeout shorter than the activity: the worker must keep the task alive meanwhile. */
export async function longLocalActivity(durationMs: number): Promise<number> {
  return proxyLocalActivities<Activities>({ startToCloseTimeout: '30s' }).takeMs(durationMs);
}

export async function failingActivity(message: string): Promise<void> {
  await proxyActivities<Activities>({ startToCloseTimeout: '10s', retry: { initialInterval: '50ms' } }).fail(
    message,
    true,
  );
}
