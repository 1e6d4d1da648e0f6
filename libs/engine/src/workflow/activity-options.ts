import type { ActivityInfo, ActivityOptions as StoredOptions } from '@duramesh/proto';
import type { ActivityOptions } from './commands.ts';
import type { Draft } from './draft.ts';
import { fromDuration, toDuration } from './events.ts';
import { namesField } from './field-mask.ts';
import { normalTimeouts, timeoutsProblem } from './given-timeouts.ts';
import { retryPolicyProblem } from './retry-policy.ts';
import { taskQueueProblem } from './task-queue.ts';

const KIND_NORMAL = 1;
const TIMEOUTS = [
  'scheduleToCloseTimeout',
  'scheduleToStartTimeout',
  'startToCloseTimeout',
  'heartbeatTimeout',
] as const;
const PRIORITY_FIELDS = ['priorityKey', 'fairnessKey', 'fairnessWeight'] as const;
const RETRY_FIELDS = ['initialInterval', 'backoffCoefficient', 'maximumInterval', 'maximumAttempts'] as const;

type Checked = { readonly options: ActivityOptions; readonly problem?: undefined } | { readonly problem: string };

/** The options of an activity with those parts changed that the mask names. @see spec-history 5.8 */
export function changedOptions(
  draft: Draft,
  activity: ActivityInfo,
  { given, fields }: { readonly given: ActivityOptions; readonly fields: ReadonlySet<string> },
): Checked {
  const merged = merge(optionsOf(activity), given, fields);
  if (typeof merged === 'string') return { problem: merged };
  const badPolicy = namesField(fields, 'retryPolicy') ? retryPolicyProblem(merged.retryPolicy ?? {}) : undefined;
  if (badPolicy) return { problem: badPolicy };
  const { idLength } = draft.environment.limits;
  const badQueue = taskQueueProblem(merged.taskQueue, { parent: draft.info.taskQueue, idLength });
  if (badQueue) return { problem: badQueue };
  const which = `ActivityId=${activity.activityId} ActivityType=${activity.activityType}`;
  const badTimeout = timeoutsProblem(merged, which);
  if (badTimeout) return { problem: badTimeout };
  const taskQueue = { name: merged.taskQueue?.name, kind: KIND_NORMAL };
  return { options: { ...merged, taskQueue, ...normalTimeouts(merged, 0) } };
}

/** What operators see and change of an activity; which errors are not retried is not among it. */
function optionsOf(activity: ActivityInfo): ActivityOptions {
  const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts } = activity.retryPolicy ?? {};
  return {
    taskQueue: { name: activity.taskQueue },
    scheduleToCloseTimeout: toDuration(activity.scheduleToCloseTimeoutMs),
    scheduleToStartTimeout: toDuration(activity.scheduleToStartTimeoutMs),
    startToCloseTimeout: toDuration(activity.startToCloseTimeoutMs),
    heartbeatTimeout: toDuration(activity.heartbeatTimeoutMs),
    retryPolicy: { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts },
    priority: activity.priority,
  };
}

/** The merged options, or what is missing. */
function merge(old: ActivityOptions, given: ActivityOptions, fields: ReadonlySet<string>): ActivityOptions | string {
  let merged = old;
  if (fields.has('taskQueue.name')) {
    if (!given.taskQueue) return 'TaskQueue is not provided';
    merged = { ...merged, taskQueue: { name: given.taskQueue.name } };
  }
  for (const timeout of TIMEOUTS) if (fields.has(timeout)) merged = { ...merged, [timeout]: given[timeout] };
  if (fields.has('priority')) merged = { ...merged, priority: given.priority };
  for (const field of PRIORITY_FIELDS) {
    if (!fields.has(`priority.${field}`)) continue;
    if (!given.priority) return 'Priority is not provided';
    merged = { ...merged, priority: { ...merged.priority, [field]: given.priority[field] } };
  }
  if (fields.has('retryPolicy')) {
    if (!given.retryPolicy) return 'RetryPolicy is not provided';
    merged = { ...merged, retryPolicy: given.retryPolicy };
  }
  for (const field of RETRY_FIELDS) {
    if (!fields.has(`retryPolicy.${field}`)) continue;
    if (!given.retryPolicy) return 'RetryPolicy is not provided';
    merged = { ...merged, retryPolicy: { ...merged.retryPolicy, [field]: given.retryPolicy[field] } };
  }
  return merged;
}

/** The activity with other options; what they were at first is kept for a restore. */
export function withOptions(activity: ActivityInfo, options: ActivityOptions): ActivityInfo {
  const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts } = options.retryPolicy ?? {};
  return {
    ...activity,
    taskQueue: options.taskQueue?.name ?? '',
    scheduleToCloseTimeoutMs: fromDuration(options.scheduleToCloseTimeout),
    scheduleToStartTimeoutMs: fromDuration(options.scheduleToStartTimeout),
    startToCloseTimeoutMs: fromDuration(options.startToCloseTimeout),
    heartbeatTimeoutMs: fromDuration(options.heartbeatTimeout),
    retryPolicy: { ...activity.retryPolicy, initialInterval, backoffCoefficient, maximumInterval, maximumAttempts },
    priority: options.priority,
    originalOptions: activity.originalOptions ?? storedOptions(activity),
  };
}

function storedOptions(activity: ActivityInfo): StoredOptions {
  const { taskQueue, retryPolicy, priority, scheduleToCloseTimeoutMs, scheduleToStartTimeoutMs } = activity;
  const { startToCloseTimeoutMs, heartbeatTimeoutMs } = activity;
  return {
    taskQueue,
    scheduleToCloseTimeoutMs,
    scheduleToStartTimeoutMs,
    startToCloseTimeoutMs,
    heartbeatTimeoutMs,
    retryPolicy,
    priority,
  };
}

/** The activity with the options it was scheduled with. */
export const asScheduled = (activity: ActivityInfo): ActivityInfo =>
  activity.originalOptions ? { ...activity, ...activity.originalOptions, originalOptions: undefined } : activity;

/** The options an activity was scheduled with, as a restore answers them. */
export function scheduledOptions(activity: ActivityInfo): ActivityOptions {
  const original = asScheduled(activity);
  return { ...optionsOf(original), retryPolicy: original.retryPolicy };
}
