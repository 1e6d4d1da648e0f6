import type { TimerInfo } from '@duramesh/proto';
import type { Draft } from './draft.ts';

const inOrder = (a: TimerInfo, b: TimerInfo): number => a.firesMs - b.firesMs || a.startedEventId - b.startedEventId;

/** Fires every timer that is due, the earliest first; true when there was one. @see spec-history 6.1 */
export function fireDueTimers(draft: Draft): boolean {
  const { now, timers, base } = draft;
  if (!timers.touched && base.summary.timersDueMs > now) return false;
  const due: TimerInfo[] = [];
  timers.forEach((timer) => {
    if (timer.firesMs <= now) due.push(timer);
  });
  for (const { timerId, startedEventId } of due.sort(inOrder)) {
    draft.buffer('TimerFired', { timerId, startedEventId });
  }
  return due.length > 0;
}
