import { type ExecutionInfo, type Plain, RunState, type temporal, type TimeSkipping } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { type Attributes, fromDuration, toDuration, toTimestamp } from './events.ts';
import { summaryOf } from './summary.ts';

type Config = Plain<temporal.api.common.v1.ITimeSkippingConfig>;
type StatePropagation = Plain<temporal.api.common.v1.ITimeSkippingStatePropagation>;
type Description = Plain<temporal.api.common.v1.ITimeSkippingInfo>;
type FastForward = Plain<temporal.api.common.v1.ITimeSkippingFastForwardInfo>;

const STATUS_PAUSED = 8;

/** How far the clock of a run is ahead of the real one. */
export const skippedMs = ({ timeSkipping }: Pick<ExecutionInfo, 'timeSkipping'>): number =>
  timeSkipping?.skippedMs ?? 0;

/** How far the clock is ahead that a run goes on by: known before its first event. */
export const inheritedSkipMs = ({
  timeSkippingStatePropagation: before,
}: Attributes<'WorkflowExecutionStarted'>): number => fromDuration(before?.initialSkippedDuration);

/** When a fast forward is to end time skipping, by the clock of the run; 0 when none is under way. */
export function fastForwardDueMs({ timeSkipping }: ExecutionInfo): number {
  if (!timeSkipping?.config?.enabled || timeSkipping.fastForwardReached) return 0;
  return timeSkipping.fastForwardTargetMs;
}

/**
 * The last thing a transition does: when nothing but time is awaited, the clock of the run moves to the next moment
 * at which something becomes due. What is due happens in the transition that follows. @see spec-history 9.4
 */
export function skipTime(draft: Draft): void {
  const { info, now } = draft;
  if (!info.timeSkipping?.config?.enabled || !draft.isOpen || !awaitsNothingButTime(draft)) return;
  const next = nextMoment(draft);
  // What is due now comes first.
  if (next <= now) return;
  const target = fastForwardDueMs(info);
  const reachesTarget = target > 0 && target <= next;
  const until = reachesTarget ? target : next;
  if (until === Number.POSITIVE_INFINITY) return;
  writeTransition(draft, {
    targetTime: until > now ? toTimestamp(until) : undefined,
    disabledAfterFastForward: reachesTarget,
  });
}

/** A fast forward is over when its time has come, whatever the run is at; true when it is. */
export function endDueFastForward(draft: Draft): boolean {
  const dueMs = fastForwardDueMs(draft.info);
  if (dueMs === 0 || dueMs > draft.now) return false;
  writeTransition(draft, { disabledAfterFastForward: true });
  return true;
}

function writeTransition(draft: Draft, attributes: Attributes<'WorkflowExecutionTimeSkippingTransitioned'>): void {
  const wallClockTime = toTimestamp(draft.now - skippedMs(draft.info));
  draft.buffer(
    'WorkflowExecutionTimeSkippingTransitioned',
    { ...attributes, wallClockTime },
    { workerMayIgnore: true },
  );
}

/** Nobody is at work for the run, and nobody is asked to be. */
function awaitsNothingButTime(draft: Draft): boolean {
  const { info, activities, now } = draft;
  if (info.status === STATUS_PAUSED || info.workflowTask !== undefined) return false;
  if (awaitsOthers(draft)) return false;
  let waits = true;
  activities.forEach(({ inBackoff, scheduledMs, pause }) => {
    if (!inBackoff || pause || scheduledMs <= now) waits = false;
  });
  return waits;
}

/** Other workflows have something to tell. */
const awaitsOthers = ({ info, children, externalCancels, externalSignals }: Draft): boolean =>
  info.awaitedParent !== undefined || children.size > 0 || externalCancels.size > 0 || externalSignals.size > 0;

/** When something next becomes due of itself. The end of its time counts for a run that was begun only. */
function nextMoment(draft: Draft): number {
  const { info, activities } = draft;
  let next = summaryOf(draft).timersDueMs;
  activities.forEach(({ scheduledMs }) => {
    next = Math.min(next, scheduledMs);
  });
  const ends = [info.runExpirationMs, info.executionExpirationMs];
  const due = info.state === RunState.RUN_STATE_CREATED ? [info.backoffUntilMs] : ends;
  return due.reduce((earliest, dueMs) => (dueMs > 0 ? Math.min(earliest, dueMs) : earliest), next);
}

/** What the next run of a chain takes over: it goes on by the same clock. */
export function timeSkippingOfNextRun({
  timeSkipping,
}: ExecutionInfo): Pick<Attributes<'WorkflowExecutionStarted'>, 'timeSkippingConfig' | 'timeSkippingStatePropagation'> {
  if (!timeSkipping) return {};
  const { config, sessionSkipCount, fastForwardTargetMs } = timeSkipping;
  return {
    timeSkippingConfig: config,
    timeSkippingStatePropagation: {
      initialSkippedDuration: toDuration(timeSkipping.skippedMs),
      initialSkipCount: sessionSkipCount,
      fastForwardTargetTime: fastForwardTargetMs > 0 ? toTimestamp(fastForwardTargetMs) : undefined,
    },
  };
}

/** What a workflow that this one starts takes over: the time it is, and the skipping unless that is kept back. */
export function timeSkippingOfChild({ timeSkipping }: ExecutionInfo): {
  readonly timeSkippingConfig?: Config | undefined;
  readonly timeSkippingStatePropagation?: StatePropagation | undefined;
} {
  if (!timeSkipping) return {};
  const { config } = timeSkipping;
  const ahead = timeSkipping.skippedMs > 0;
  return {
    timeSkippingConfig: config && !config.disablePropagation ? { ...config, fastForwardConfig: undefined } : undefined,
    timeSkippingStatePropagation: ahead
      ? { initialSkippedDuration: toDuration(timeSkipping.skippedMs), initialSkipCount: 0 }
      : undefined,
  };
}

/** As DescribeWorkflowExecution shows it. */
export function describeTimeSkipping({ timeSkipping }: ExecutionInfo, nowMs: number): Description | undefined {
  if (!timeSkipping) return undefined;
  return {
    currentTime: toTimestamp(nowMs),
    effectiveConfig: timeSkipping.config,
    fastForwardInfo: describeFastForward(timeSkipping),
  };
}

function describeFastForward({
  config,
  fastForwardTargetMs,
  fastForwardReached,
}: TimeSkipping): FastForward | undefined {
  if (fastForwardTargetMs === 0) return undefined;
  return {
    targetTime: toTimestamp(fastForwardTargetMs),
    hasCompleted: fastForwardReached,
    fastForwardId: config?.fastForwardConfig?.id,
    fastForwardDuration: config?.fastForwardConfig?.duration,
  };
}

/** How the fast forward with an id stands. */
export type FastForwardProgress =
  | { readonly kind: 'completed' | 'pending'; readonly info: FastForward }
  | { readonly kind: 'failed'; readonly info: FastForward | undefined; readonly reason: string };

/** @param isFollowed another run goes on after this one and may complete what this one had begun */
export function fastForwardProgress(
  { timeSkipping, state }: ExecutionInfo,
  { fastForwardId, isFollowed }: { readonly fastForwardId: string; readonly isFollowed: boolean },
): FastForwardProgress {
  const info = timeSkipping && describeFastForward(timeSkipping);
  const failed = (reason: string): FastForwardProgress => ({ kind: 'failed', info, reason });
  if (!info || info.fastForwardId !== fastForwardId) {
    return failed("the requested fast_forward_id does not match the execution's current fast-forward");
  }
  if (info.hasCompleted) return { kind: 'completed', info };
  if (state === RunState.RUN_STATE_COMPLETED && !isFollowed) {
    return failed('the execution ended before the fast-forward completed');
  }
  if (!timeSkipping.config?.enabled) return failed('time skipping was disabled before the fast-forward completed');
  return { kind: 'pending', info };
}
