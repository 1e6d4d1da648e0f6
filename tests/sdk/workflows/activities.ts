import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  continueAsNew,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  type ActivityCancellationType,
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

/** Runs an activity until it is cancelled itself, and does with the activity what the type says. */
export async function cancelledActivity(key: string, cancellationType: ActivityCancellationType): Promise<string> {
  const { heartbeatUntilCancelled } = proxyActivities<Activities>({
    startToCloseTimeout: '60s',
    heartbeatTimeout: '1s',
    cancellationType,
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

/** The causes of a failed activity, outermost first. */
export async function failedActivity(
  activity: 'hang' | 'failUntilAttempt',
  options: ActivityOptions,
): Promise<readonly string[]> {
  const { hang, failUntilAttempt } = proxyActivities<Activities>(options);
  try {
    await (activity === 'hang' ? hang() : failUntilAttempt(1_000));
  } catch (error) {
    return causesOf(error);
  }
  throw new Error('the activity came to an end');
}

function causesOf(error: unknown): readonly string[] {
  if (error instanceof ActivityFailure) return [`activity failed: ${error.retryState}`, ...causesOf(error.cause)];
  if (error instanceof TimeoutFailure) return [`timeout: ${error.timeoutType}`, ...causesOf(error.cause)];
  if (error instanceof ApplicationFailure) return [`${error.type}: ${error.message}`, ...causesOf(error.cause)];
  return error instanceof Error ? [`${error.name}: ${error.message}`] : [];
}

/** Waits at the gate, which it tries once an hour. */
export async function waitAtGate(key: string): Promise<number> {
  return proxyActivities<Activities>({ startToCloseTimeout: '10s', retry: { initialInterval: '1 hour' } }).gate(key);
}

/** What somebody outside makes of its activity, in so many attempts. */
export async function endedElsewhere(key: string, maximumAttempts = 1): Promise<string> {
  try {
    return await proxyActivities<Activities>({
      startToCloseTimeout: '60s',
      heartbeatTimeout: '30s',
      retry: { initialInterval: '50ms', maximumAttempts },
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    }).endElsewhere(key);
  } catch (error) {
    return causesOf(error).join(', ');
  }
}

/** Greets so often at once. */
export async function greetMany(count: number): Promise<readonly string[]> {
  const { greet } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
  return Promise.all(Array.from({ length: count }, (_, index) => greet(String(index))));
}

/** What its failed activity has said. */
export async function messageOfFailure(message: string): Promise<string> {
  try {
    await failingActivity(message);
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause) return error.cause.message;
    throw error;
  }
  throw new Error('the activity came to an end');
}

/** Greets in so many runs, one after the other. */
export async function greetInRuns(runs: number): Promise<string> {
  const greeting = await hello(`run ${runs}`);
  return runs > 1 ? continueAsNew<typeof greetInRuns>(runs - 1) : greeting;
}
