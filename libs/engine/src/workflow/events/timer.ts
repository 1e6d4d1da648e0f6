import type { EventFamily } from '../evolve.ts';
import { fromDuration, fromTimestamp } from '../events.ts';

/** User timers, keyed by timer id. */
export const timerEvents: EventFamily<'TimerStarted' | 'TimerFired' | 'TimerCanceled'> = {
  TimerStarted: {
    numbered(draft, attributes, event) {
      const timerId = attributes.timerId ?? '';
      draft.timers.set(timerId, {
        timerId,
        startedEventId: event.eventId ?? 0,
        firesMs: fromTimestamp(event.eventTime) + fromDuration(attributes.startToFireTimeout),
      });
    },
  },
  TimerFired: {
    // At once, also while the event waits in the buffer: a timer looked at again must not fire twice.
    apply(draft, attributes) {
      // Its id may be that of another timer by now, where history tells of it late.
      const timerId = attributes.timerId ?? '';
      const isIt = draft.timers.get(timerId)?.startedEventId === attributes.startedEventId;
      if (isIt) draft.timers.delete(timerId);
    },
  },
  TimerCanceled: {
    apply(draft, attributes) {
      draft.timers.delete(attributes.timerId ?? '');
    },
  },
};
