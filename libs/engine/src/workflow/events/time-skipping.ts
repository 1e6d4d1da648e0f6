import type { Plain, temporal, TimeSkipping } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { type Attributes, fromDuration, fromTimestamp, type HistoryEvent } from '../events.ts';
import type { EventFamily } from '../evolve.ts';

type Config = Plain<temporal.api.common.v1.ITimeSkippingConfig>;

/** The run begins with a clock of its own, or goes on with that of the run or the parent before it. */
export function startTimeSkipping(
  draft: Draft,
  { timeSkippingConfig, timeSkippingStatePropagation: before }: Attributes<'WorkflowExecutionStarted'>,
  event: HistoryEvent,
): void {
  const skippedMs = fromDuration(before?.initialSkippedDuration);
  if (!timeSkippingConfig && skippedMs === 0) {
    draft.info.timeSkipping = undefined;
    return;
  }
  const sessionSkipCount = before?.initialSkipCount ?? 0;
  const inheritedTargetMs = fromTimestamp(before?.fastForwardTargetTime);
  const started = withConfig({ skippedMs, sessionSkipCount }, timeSkippingConfig, event);
  const isForwarding = started.fastForwardTargetMs > 0 && inheritedTargetMs > 0;
  draft.info.timeSkipping = isForwarding ? towards(started, inheritedTargetMs, event) : started;
}

/** Another configuration begins another session. */
export function changeTimeSkipping(draft: Draft, config: Config | undefined, event: HistoryEvent): void {
  const before = draft.info.timeSkipping;
  if (!before && !config) return;
  draft.info.timeSkipping = withConfig({ skippedMs: before?.skippedMs ?? 0, sessionSkipCount: 0 }, config, event);
}

function withConfig(
  session: Pick<TimeSkipping, 'skippedMs' | 'sessionSkipCount'>,
  config: Config | undefined,
  event: HistoryEvent,
): TimeSkipping {
  const forward = config?.fastForwardConfig;
  const fastForwardTargetMs = forward ? fromTimestamp(event.eventTime) + fromDuration(forward.duration) : 0;
  return { ...session, config, fastForwardTargetMs, fastForwardReached: false };
}

/** A fast forward that an earlier run of the chain began; it may be over already. */
function towards(skipping: TimeSkipping, targetMs: number, event: HistoryEvent): TimeSkipping {
  const reached = fromTimestamp(event.eventTime) >= targetMs;
  const config = reached && skipping.config ? { ...skipping.config, enabled: false } : skipping.config;
  return { ...skipping, config, fastForwardTargetMs: targetMs, fastForwardReached: reached };
}

export const timeSkippingEvents: EventFamily<'WorkflowExecutionTimeSkippingTransitioned'> = {
  WorkflowExecutionTimeSkippingTransitioned: {
    apply(draft, { targetTime, disabledAfterFastForward = false }, event) {
      const before = draft.info.timeSkipping;
      if (!before) return;
      const { config, fastForwardTargetMs } = before;
      const sessionSkipCount = before.sessionSkipCount + 1;
      const reached = disabledAfterFastForward && fastForwardTargetMs > 0;
      const isUsedUp = sessionSkipCount >= (config?.maxSessionSkipCount ?? 0);
      draft.info.timeSkipping = {
        ...before,
        config: config && { ...config, enabled: (config.enabled ?? false) && !reached && !isUsedUp },
        skippedMs: before.skippedMs + (targetTime ? fromTimestamp(targetTime) - fromTimestamp(event.eventTime) : 0),
        sessionSkipCount,
        fastForwardReached: before.fastForwardReached || reached,
      };
    },
  },
};
