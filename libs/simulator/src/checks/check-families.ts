import { eventName, fromTimestamp, type HistoryEvent } from '@duramesh/engine';
import { derivedUuid } from '@duramesh/runtime';
import type { Ledger } from '../ledger.ts';
import type { Run } from './runs.ts';

/** What parents and children, and workflows that signal each other, promise. @returns broken promises in words */
export function checkFamilies(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const firstRuns = firstRunsOfChildren(runs, byRun);
  return [
    ...[...firstRuns].flatMap(([start, children]) => checkStart(start, children, runs)),
    ...runs.flatMap((run) => checkStarted(run, firstRuns, byRun)),
    ...runs.flatMap(checkToldParent),
    ...checkSignaled(runs, byRun, ledger),
  ];
}

type ByRun = ReadonlyMap<string, Run>;

/** The run that has written the event: a run that a reset has made has the beginning of its history from its base. */
function originOf(runId: string, eventId: number, byRun: ByRun): string {
  const { baseRunIds, resetEventId } = byRun.get(runId)?.state.info ?? { baseRunIds: [], resetEventId: 0 };
  const baseRunId = baseRunIds.at(-1);
  return baseRunId !== undefined && eventId < resetEventId ? originOf(baseRunId, eventId, byRun) : runId;
}

/** By the run and the event that initiated them. */
function firstRunsOfChildren(runs: readonly Run[], byRun: ByRun): ReadonlyMap<string, readonly Run[]> {
  const firsts = new Map<string, Run[]>();
  for (const run of runs) {
    const { parent, continuedExecutionRunId } = run.state.info;
    if (!parent || continuedExecutionRunId !== '') continue;
    if (run.state.info.baseRunIds.length > 0) continue;
    const start = `${originOf(parent.runId, parent.initiatedEventId, byRun)}/${parent.initiatedEventId}`;
    firsts.set(start, [...(firsts.get(start) ?? []), run]);
  }
  return firsts;
}

function checkStart(start: string, children: readonly Run[], runs: readonly Run[]): readonly string[] {
  const broken: string[] = [];
  if (children.length > 1) broken.push(`child ${start} was started ${children.length} times`);
  const [parentRunId = '', initiated] = start.split('/');
  const initiatedEventId = Number(initiated);
  const parents = runs.filter(
    ({ runId, state: { info } }) => runId === parentRunId || info.baseRunIds.includes(parentRunId),
  );
  // What a parent that was deleted has recorded nobody knows.
  if (parents.length === 0) return broken;
  const failedAt = parents[0]?.events.find(
    ({ startChildWorkflowExecutionFailedEventAttributes: failed }) => failed?.initiatedEventId === initiatedEventId,
  )?.eventTime;
  // A request of an owner that has lost the parent may come when the id is free again: that child never runs, and ends.
  const isThere = children.some((child) => failedAt && beganMs(child) <= fromTimestamp(failedAt));
  if (isThere) broken.push(`child ${start} is there although its start is said to have failed`);
  for (const { runId, events } of children) {
    const hasRun = events.some(({ eventType }) => eventName(eventType) === 'WorkflowTaskScheduled');
    // A started event that waited in the buffer when the parent closed has left its trace in the state.
    const isKnown = parents.some(
      ({ state, events: told }) =>
        state.children.get(initiatedEventId)?.runId === runId ||
        told.some((event) => startedChild(event)?.runId === runId),
    );
    if (hasRun && !isKnown) broken.push(`child ${start} has run before its parent recorded the start`);
  }
  return broken;
}

const beganMs = ({ events }: Run): number => fromTimestamp(events[0]?.eventTime);

interface Started {
  readonly runId: string;
  readonly initiatedEventId: number;
}
function startedChild({ childWorkflowExecutionStartedEventAttributes: started }: HistoryEvent): Started | undefined {
  if (!started) return undefined;
  return { runId: started.workflowExecution?.runId ?? '', initiatedEventId: started.initiatedEventId ?? 0 };
}

function checkStarted(parent: Run, firstRuns: ReadonlyMap<string, readonly Run[]>, byRun: ByRun): readonly string[] {
  const broken: string[] = [];
  for (const event of parent.events) {
    const started = startedChild(event);
    if (!started) continue;
    const start = `${originOf(parent.runId, started.initiatedEventId, byRun)}/${started.initiatedEventId}`;
    const isThere = firstRuns.get(start)?.some(({ runId }) => runId === started.runId);
    if (!isThere) broken.push(`child ${start} is told to have been started as ${started.runId}, which is not there`);
  }
  return broken;
}

function checkToldParent({ workflowId, runId, state: { info } }: Run): readonly string[] {
  if (!info.parent || info.newExecutionRunId !== '' || info.closeEventId === 0 || info.parentTold) return [];
  return [`${workflowId}/${runId}: the parent was not told of the end`];
}

/** Who was told that a signal was delivered finds it there. */
function checkSignaled(runs: readonly Run[], byRun: ByRun, ledger: Ledger): readonly string[] {
  const delivered = new Set<string>();
  for (const { events } of runs) {
    for (const event of events) delivered.add(event.workflowExecutionSignaledEventAttributes?.requestId ?? '');
  }
  const broken: string[] = [];
  for (const { events, runId } of runs) {
    for (const { externalWorkflowExecutionSignaledEventAttributes: signaled } of events) {
      const { initiatedEventId = 0, workflowExecution } = signaled ?? {};
      if (ledger.mayLackRuns(workflowExecution?.workflowId ?? '')) continue;
      if (!signaled || delivered.has(derivedUuid(originOf(runId, initiatedEventId, byRun), initiatedEventId))) continue;
      broken.push(`run ${runId}: signal ${signaled.initiatedEventId} is said to be delivered and is not there`);
    }
  }
  return broken;
}
