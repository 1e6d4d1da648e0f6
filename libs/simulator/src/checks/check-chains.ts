import type { HistoryEvent } from '@duramesh/engine';
import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

type Continued = NonNullable<HistoryEvent['workflowExecutionContinuedAsNewEventAttributes']>;
type Started = NonNullable<HistoryEvent['workflowExecutionStartedEventAttributes']>;

/** A run that is followed by another is so by the one it names, which begins as was said. */
export function checkChains(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  return runs.flatMap((run) => {
    const last = run.events.at(-1);
    const nextRunId = followerOf(last);
    if (nextRunId === undefined || ledger.deletions.has(nextRunId)) return [];
    const started = byRun.get(nextRunId)?.events[0]?.workflowExecutionStartedEventAttributes;
    const where = `${run.workflowId}/${run.runId}`;
    if (!started) return [`${where}: the run ${nextRunId} that follows it is not there`];
    const said = last?.workflowExecutionContinuedAsNewEventAttributes;
    return said ? differences(said, started).map((what) => `${where}: continues with another ${what}`) : [];
  });
}

/** The run that a close event names. */
function followerOf(event: HistoryEvent | undefined): string | undefined {
  const closed =
    event?.workflowExecutionContinuedAsNewEventAttributes ??
    event?.workflowExecutionCompletedEventAttributes ??
    event?.workflowExecutionFailedEventAttributes ??
    event?.workflowExecutionTimedOutEventAttributes;
  return closed?.newExecutionRunId ? closed.newExecutionRunId : undefined;
}

/** What the started event must have from the event that ended the run before it. */
const CARRIED = ['workflowType', 'taskQueue', 'input', 'workflowRunTimeout', 'workflowTaskTimeout', 'memo'] as const;

const differences = (said: Continued, started: Started): readonly string[] =>
  CARRIED.filter((field) => JSON.stringify(said[field]) !== JSON.stringify(started[field]));
