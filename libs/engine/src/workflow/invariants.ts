import { assert } from '@duramesh/runtime';
import { RunState } from '@duramesh/proto';
import type { Draft } from './draft.ts';

/**
 * What must hold after every transition, at a cost that does not grow with the run: checked in production too, before
 * anything is written. The numbers are those of SPEC.md.
 * @throws AssertionError the draft is dropped, the run stays as it was
 */
export function assertInvariants(draft: Draft): void {
  const { info, base, isOpen } = draft;
  const { workflowTask: task } = info;
  const wasClosed = base.info.state === RunState.RUN_STATE_COMPLETED;
  assert(!wasClosed || info.nextEventId === base.info.nextEventId, 'W1: the history of a closed run does not change');
  assert(!wasClosed || !isOpen, 'W1: a closed run stays closed');
  assert(info.nextEventId >= base.info.nextEventId, 'W2: history only grows');
  if (task) {
    const { scheduledEventId, startedEventId, inHistory, attempt, speculative } = task;
    assert(attempt >= 1, 'W3: attempts of a workflow task count from 1');
    if (inHistory) {
      assert(scheduledEventId < info.nextEventId, 'W4: a recorded workflow task has its scheduled event');
      assert(startedEventId < info.nextEventId, 'W4: a recorded workflow task has its started event');
    } else {
      assert(attempt > 1 || speculative, 'W5: a first attempt is recorded');
      assert(startedEventId === 0 || startedEventId === scheduledEventId + 1, 'W5: a transient task starts next');
      assert(startedEventId === 0 || scheduledEventId === info.nextEventId, 'W5: a transient task comes next');
    }
    assert(startedEventId === 0 || isOpen, 'W6: a closed run has no started task');
    assert(!speculative || (!inHistory && attempt === 1), 'W11: a speculative task has no events');
    assert(!speculative || isOpen, 'W11: a closed run has no speculative task');
  }
  assert(draft.workflowTaskStarted || !draft.hasBuffered, 'W7: events wait for a started workflow task only');
  const isBegun = info.state !== RunState.RUN_STATE_CREATED || task === undefined || task.speculative;
  assert(isBegun, 'W8: a run with a task that lasts is running');
  assert(
    !info.awaitedParent || !isOpen || info.state === RunState.RUN_STATE_CREATED,
    'W10: a child waits before it runs',
  );
  if (isOpen) assert(info.closeEventId === 0, 'W9: an open run has no close event');
  else assert(info.closeEventId === info.nextEventId - 1, 'W9: the close event is the last');
}

/** What is in memory only leaves the history and the rows of a run as they are. */
export function assertInMemory(draft: Draft): void {
  const { activities, timers, requestIds, buffered, updates } = draft;
  const isTouched = [activities, timers, requestIds, buffered, updates].some(({ touched }) => touched);
  assert(!draft.hasEvents && !isTouched, 'M1: a change in memory only changes nothing that is stored');
  const before = draft.base.info.workflowTask;
  const endsNone = !before || before.speculative || draft.info.workflowTask === before;
  assert(endsNone, 'M2: a workflow task that is stored does not change in memory');
}
