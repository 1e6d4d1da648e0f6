import { durationProblem } from './durations.ts';
import { type Attributes, type Duration, fromDuration, toDuration } from './events.ts';

/** The timeouts of an activity as somebody asks for them. */
export interface GivenTimeouts {
  readonly scheduleToCloseTimeout?: Duration | undefined;
  readonly scheduleToStartTimeout?: Duration | undefined;
  readonly startToCloseTimeout?: Duration | undefined;
  readonly heartbeatTimeout?: Duration | undefined;
}

type Timeouts = Pick<
  Attributes<'ActivityTaskScheduled'>,
  'scheduleToCloseTimeout' | 'scheduleToStartTimeout' | 'startToCloseTimeout' | 'heartbeatTimeout'
>;

/** What is wrong with the timeouts of an activity, if anything; `which` names it. */
export function timeoutsProblem(given: GivenTimeouts, which: string): string | undefined {
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = given;
  const toClose = durationProblem(scheduleToCloseTimeout);
  if (toClose) return `invalid ScheduleToCloseTimeout: ${toClose}`;
  const toStart = durationProblem(scheduleToStartTimeout);
  if (toStart) return `invalid ScheduleToStartTimeout: ${toStart}`;
  const started = durationProblem(startToCloseTimeout);
  if (started) return `invalid StartToCloseTimeout: ${started}`;
  const heartbeat = durationProblem(heartbeatTimeout);
  if (heartbeat) return `invalid HeartbeatTimeout: ${heartbeat}`;
  if (fromDuration(startToCloseTimeout) > 0 || fromDuration(scheduleToCloseTimeout) > 0) return undefined;
  return `a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ${which}`;
}

/** Every timeout is given, 0 meaning none, and none is longer than one that contains it. @see spec-history 5.1 */
export function normalTimeouts(given: GivenTimeouts, runTimeoutMs: number): Timeouts {
  const toCloseMs = fromDuration(given.scheduleToCloseTimeout);
  const toStartMs = fromDuration(given.scheduleToStartTimeout);
  const startedMs = fromDuration(given.startToCloseTimeout);
  const whole = toCloseMs > 0 ? toCloseMs : runTimeoutMs;
  const within = (valueMs: number, limitMs: number): number => (limitMs > 0 ? Math.min(valueMs, limitMs) : valueMs);
  const scheduleToCloseMs = within(whole, runTimeoutMs);
  const scheduleToStartMs = within(toStartMs > 0 ? toStartMs : whole, scheduleToCloseMs);
  const startToCloseMs = within(startedMs > 0 ? startedMs : whole, scheduleToCloseMs);
  return {
    scheduleToCloseTimeout: toDuration(scheduleToCloseMs),
    scheduleToStartTimeout: toDuration(scheduleToStartMs),
    startToCloseTimeout: toDuration(startToCloseMs),
    heartbeatTimeout: toDuration(within(fromDuration(given.heartbeatTimeout), startToCloseMs)),
  };
}
