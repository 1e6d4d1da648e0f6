import { eventName, type HistoryEvent } from '@duramesh/engine';
import { derivedUuid } from '@duramesh/runtime';
import type { Run } from './checks.ts';

/** What parents and children, and workflows that signal each other, promise. @returns broken promises in words */
export function checkFamilies(runs: readonly Run[]): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const firstRuns = firstRunsOfChildren(runs);
  return [
    ...[...firstRuns].flatMap(([start, children]) => checkStart(start, children, byRun)),
    ...runs.flatMap((run) => checkStarted(run, firstRuns)),
    ...runs.flatMap(checkToldParent),
    ...checkSignaled(runs),
  ];
}

/** By the parent's run and the event that initiated them. */
function firstRunsOfChildren(runs: readonly Run[]): ReadonlyMap<string, readonly Run[]> {
  const firsts = new Map<string, Run[]>();
  for (const run of runs) {
    const { parent, continuedExecutionRunId } = run.state.info;
    if (!parent || continuedExecutionRunId !== '') continue;
    const start = `${parent.runId}/${parent.initiatedEventId}`;
    firsts.set(start, [...(firsts.get(start) ?? []), run]);
  }
  return firsts;
}

function checkStart(start: string, children: readonly Run[], byRun: ReadonlyMap<string, Run>): readonly string[] {
  const broken: string[] = [];
  if (children.length > 1) broken.push(`child ${start} was started ${children.length} times`);
  const [parentRunId = '', initiated] = start.split('/');
  const initiatedEventId = Number(initiated);
  const parent = byRun.get(parentRunId);
  const isFailed = parent?.events.some(
    ({ startChildWorkflowExecutionFailedEventAttributes: failed }) => failed?.initiatedEventId === initiatedEventId,
  );
  if (isFailed) broken.push(`child ${start} is there although its start is said to have failed`);
  for (const { runId, events } of children) {
    const hasRun = events.some(({ eventType }) => eventName(eventType) === 'WorkflowTaskScheduled');
    // A started event that waited in the buffer when the parent closed has left its trace in the state.
    const isKnown =
      parent?.state.children.get(initiatedEventId)?.runId === runId ||
      parent?.events.some((event) => startedChild(event)?.runId === runId);
    if (hasRun && !isKnown) broken.push(`child ${start} has run before its parent recorded the start`);
  }
  return broken;
}

interface Started {
  readonly runId: string;
  readonly initiatedEventId: number;
}
function startedChild({ childWorkflowExecutionStartedEventAttributes: started }: HistoryEvent): Started | undefined {
  if (!started) return undefined;
  return { runId: started.workflowExecution?.runId ?? '', initiatedEventId: started.initiatedEventId ?? 0 };
}

function checkStarted(parent: Run, firstRuns: ReadonlyMap<string, readonly Run[]>): readonly string[] {
  const broken: string[] = [];
  for (const event of parent.events) {
    const started = startedChild(event);
    if (!started) continue;
    const start = `${parent.runId}/${started.initiatedEventId}`;
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
function checkSignaled(runs: readonly Run[]): readonly string[] {
  const delivered = new Set<string>();
  for (const { events } of runs) {
    for (const event of events) delivered.add(event.workflowExecutionSignaledEventAttributes?.requestId ?? '');
  }
  const broken: string[] = [];
  for (const { events, runId } of runs) {
    for (const { externalWorkflowExecutionSignaledEventAttributes: signaled } of events) {
      if (!signaled || delivered.has(derivedUuid(runId, signaled.initiatedEventId ?? 0))) continue;
      broken.push(`run ${runId}: signal ${signaled.initiatedEventId} is said to be delivered and is not there`);
    }
  }
  return broken;
}
