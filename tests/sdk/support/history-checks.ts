import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** What an event is called after its attributes, e.g. `timerFired`. */
export function nameOf(event: HistoryEvent): string {
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes'));
  return (attributes ?? 'none').replace('EventAttributes', '');
}

export async function eventsOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<readonly HistoryEvent[]> {
  const { events } = await handle.fetchHistory();
  return events ?? [];
}

/** When the first event of this name happened, in epoch milliseconds. */
export function timeOf(events: readonly HistoryEvent[], name: string): number {
  const time = events.find((event) => nameOf(event) === name)?.eventTime;
  return Number(time?.seconds) * 1000 + Number(time?.nanos) / 1e6;
}

export function countOf(events: readonly HistoryEvent[], name: string): number {
  return events.filter((event) => nameOf(event) === name).length;
}

const closing = /^workflowExecution(Completed|Failed|TimedOut|Canceled|Terminated|ContinuedAsNew)$/;
const activityEnd = /^activityTask(Completed|Failed|TimedOut|Canceled)$/;

function idOf(event: HistoryEvent, field: 'scheduledEventId' | 'startedEventId'): number {
  const attributes = Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))?.[1] as
    | Readonly<Record<string, unknown>>
    | undefined;
  return Number(attributes?.[field]);
}

/** A closed run in which nothing happened twice and nothing is missing: what no crash may break. */
export function assertSoundHistory(events: readonly HistoryEvent[]): void {
  const ids = events.map(({ eventId }) => Number(eventId));
  assert.deepEqual(
    ids,
    ids.map((_, index) => index + 1),
    'event ids count from one without gap or double',
  );
  const names = events.map(nameOf);
  const closes = names.filter((name) => closing.test(name));
  assert.equal(closes.length, 1, `closed once: ${closes.join(', ')}`);
  assert.match(names.at(-1) ?? '', closing, 'nothing follows the close');
  for (const [scheduled, end] of [
    ['activityTaskScheduled', activityEnd],
    ['workflowTaskScheduled', /^workflowTask(Completed|Failed|TimedOut)$/],
  ] as const) {
    const wanted = events.filter((event) => nameOf(event) === scheduled).map(({ eventId }) => Number(eventId));
    const ends = events.filter((event) => end.test(nameOf(event))).map((event) => idOf(event, 'scheduledEventId'));
    assert.deepEqual(
      ends.toSorted((a, b) => a - b),
      wanted,
      `every ${scheduled} comes to one end`,
    );
  }
  const timers = (name: string): readonly string[] =>
    events
      .filter((event) => nameOf(event) === name)
      .map((event) => event.timerFiredEventAttributes?.timerId ?? event.timerStartedEventAttributes?.timerId ?? '')
      .toSorted();
  const fired = timers('timerFired');
  assert.equal(new Set(fired).size, fired.length, 'no timer fires twice');
  assert.ok(
    fired.every((id) => timers('timerStarted').includes(id)),
    'no timer fires that was not started',
  );
}
