import {
  checkRun,
  comparable,
  decodeState,
  EVENT_TYPES,
  type ExecutionState,
  type HistoryEvent,
  outstandingTasks,
  rebuild,
} from '@duramesh/engine';
import type { MemoryDatabase } from '@duramesh/persistence/memory';
import { type Plain, publicCodec, RunState } from '@duramesh/proto';
import { checkFamilies } from './check-families.ts';
import type { Ledger } from './ledger.ts';

const historyCodec = publicCodec<Plain<{ events?: HistoryEvent[] }>>('temporal.api.history.v1.History');

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: ExecutionState;
  readonly events: readonly HistoryEvent[];
}

type StoredRun = MemoryDatabase['runs'] extends Map<string, infer R> ? R : never;

const isClosed = (state: ExecutionState): boolean => state.info.state === RunState.RUN_STATE_COMPLETED;
const stateOf = (row: StoredRun): ExecutionState => decodeState(row.info, [...row.items.values()]);

/** Parts of histories that were copied for runs to come are no runs yet. */
const runsIn = (database: MemoryDatabase): readonly StoredRun[] =>
  [...database.runs.values()].filter(({ version }) => version > 0);

const workflowsOf = (database: MemoryDatabase, wanted: (state: ExecutionState) => boolean): readonly string[] =>
  runsIn(database).flatMap((row) => (wanted(stateOf(row)) ? [row.key.workflowId] : []));

/** Workflow ids that have an open run, or a closed one with something left to be told to others. */
export const unfinished = (database: MemoryDatabase): readonly string[] =>
  workflowsOf(database, (state) => !isClosed(state) || outstandingTasks(state).length > 0);

/** Workflow ids that have more than one open run. */
export const openTwice = (database: MemoryDatabase): readonly string[] => {
  const open = workflowsOf(database, (state) => !isClosed(state));
  return open.filter((workflowId, i) => open.indexOf(workflowId) !== i);
};

function readRun(row: StoredRun): Run {
  const events = row.history.flatMap((batch) => historyCodec.decode(batch.data).events ?? []);
  return { workflowId: row.key.workflowId, runId: row.key.runId, state: stateOf(row), events };
}

/** Everything that was promised, compared with what is stored. @returns broken promises in words */
export function checkWorld(database: MemoryDatabase, ledger: Ledger): readonly string[] {
  const runs = runsIn(database).map(readRun);
  return [
    ...checkRuns(database, runs),
    ...checkFamilies(runs),
    ...runs.flatMap(checkTimers),
    ...checkStarts(runs, ledger),
    ...checkSignals(runs, ledger),
    ...checkResets(runs, ledger),
    ...checkLeftovers(database),
    ...checkCompletions(runs, ledger),
    ...checkUpdates(runs, ledger),
  ];
}

/** What holds of stored runs whoever wrote them and why. @returns what is broken in words */
export function checkRuns(
  database: MemoryDatabase,
  runs: readonly Run[] = runsIn(database).map(readRun),
): readonly string[] {
  return [...runs.flatMap(checkOne), ...checkPointers(runs, database), ...checkVisibility(database)];
}

function checkOne(run: Run): readonly string[] {
  const where = `${run.workflowId}/${run.runId}`;
  const broken = checkRun(run.state, run.events).map((text) => `${where}: ${text}`);
  const { namespaceId, workflowId, runId } = run.state.info;
  const again = rebuild({ namespaceId, workflowId, runId }, run.events, run.state.buffered.values());
  const live = JSON.stringify(comparable(run.state));
  const rebuilt = JSON.stringify(comparable(again));
  if (live !== rebuilt) broken.push(`${where}: the state is not what its history says\n  ${live}\n  ${rebuilt}`);
  return broken;
}

/** No simulated workflow uses the id of a timer again. */
function checkTimers({ workflowId, runId, events }: Run): readonly string[] {
  const fired = new Map<string, number>();
  for (const event of events) {
    if (event.eventType !== EVENT_TYPES.TimerFired) continue;
    const timerId = event.timerFiredEventAttributes?.timerId ?? '';
    fired.set(timerId, (fired.get(timerId) ?? 0) + 1);
  }
  return [...fired]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => `${workflowId}/${runId}: ${id} fired ${times} times`);
}

function checkStarts(runs: readonly Run[], { starts }: Ledger): readonly string[] {
  const broken: string[] = [];
  for (const [workflowId, runId] of starts) {
    if (!runs.some((run) => run.runId === runId)) broken.push(`${workflowId}: acknowledged run ${runId} is lost`);
    const firsts = runs.filter(
      ({ workflowId: id, state: { info } }) =>
        id === workflowId && info.continuedExecutionRunId === '' && info.baseRunIds.length === 0,
    );
    if (firsts.length !== 1) broken.push(`${workflowId}: one start made ${firsts.length} runs`);
  }
  return broken;
}

function checkSignals(runs: readonly Run[], { signals }: Ledger): readonly string[] {
  const broken: string[] = [];
  const seen = new Set<string>();
  for (const { events, runId } of runs) {
    const inRun = new Set<string>();
    for (const event of events) {
      const requestId = event.workflowExecutionSignaledEventAttributes?.requestId ?? '';
      if (requestId === '') continue;
      // Per run: a repetition that meets the successor of the run that took the first one is a new signal there.
      if (inRun.has(requestId)) broken.push(`signal ${requestId} is there twice in run ${runId}`);
      inRun.add(requestId);
      seen.add(requestId);
    }
  }
  for (const [requestId, workflowId] of signals) {
    if (!seen.has(requestId)) broken.push(`${workflowId}: acknowledged signal ${requestId} is lost`);
  }
  return broken;
}

const signalsOf = ({ events }: Run): readonly string[] =>
  events.flatMap((event) => event.workflowExecutionSignaledEventAttributes?.requestId ?? []);

/** One request makes one run, which has whatever its base was told. */
function checkResets(runs: readonly Run[], { resets }: Ledger): readonly string[] {
  const broken: string[] = [];
  const made = new Map<string, string>();
  for (const run of runs) {
    const { baseRunIds, resets: known } = run.state.info;
    const baseRunId = baseRunIds.at(-1);
    if (baseRunId === undefined) continue;
    const requestId = known.find(({ runId }) => runId === run.runId)?.requestId ?? '';
    if (made.has(requestId)) broken.push(`reset ${requestId} made ${run.runId} and ${made.get(requestId)}`);
    made.set(requestId, run.runId);
    const base = runs.find(({ runId }) => runId === baseRunId);
    const lost = base && signalsOf(base).find((signal) => !signalsOf(run).includes(signal));
    if (lost !== undefined)
      broken.push(`signal ${lost} of run ${baseRunId} is not in ${run.runId}, which was made of it`);
  }
  for (const [requestId, runId] of resets) {
    if (!runs.some((run) => run.runId === runId))
      broken.push(`run ${runId} of acknowledged reset ${requestId} is lost`);
  }
  return broken;
}

function checkLeftovers(database: MemoryDatabase): readonly string[] {
  const left = [...database.runs.values()].filter(({ version }) => version === 0);
  return left.map(({ key }) => `${key.workflowId}: a copied history was left behind for run ${key.runId}`);
}

function checkCompletions(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const broken: string[] = [];
  const find = (runId: string, matches: (event: HistoryEvent) => boolean): boolean =>
    byRun.get(runId)?.events.some(matches) ?? false;
  for (const completion of ledger.activityCompletions) {
    const [runId = '', scheduledEventId] = completion.split('/');
    const isIt = (event: HistoryEvent): boolean =>
      event.activityTaskCompletedEventAttributes?.scheduledEventId === Number(scheduledEventId);
    if (!find(runId, isIt)) broken.push(`acknowledged completion of activity ${completion} is lost`);
  }
  if (new Set(ledger.activityCompletions).size !== ledger.activityCompletions.length) {
    broken.push('the completion of one activity was acknowledged twice');
  }
  for (const completion of ledger.taskCompletions) {
    const [runId = '', startedEventId] = completion.split('/');
    const isIt = (event: HistoryEvent): boolean =>
      event.workflowTaskCompletedEventAttributes?.startedEventId === Number(startedEventId);
    if (!find(runId, isIt)) broken.push(`acknowledged completion of workflow task ${completion} is lost`);
  }
  return broken;
}

/** Acknowledged updates are in the history of their run once; rejected ones in none. */
function checkUpdates(runs: readonly Run[], { updates, rejectedUpdates }: Ledger): readonly string[] {
  const broken: string[] = [];
  const byRun = new Map(runs.map((run) => [run.runId, run.events]));
  for (const [updateId, { runId, isCompleted }] of updates) {
    const events = byRun.get(runId) ?? [];
    const accepted = events.filter((event) => acceptedUpdate(event) === updateId).length;
    const completed = events.filter((event) => completedUpdate(event) === updateId).length;
    if (accepted !== 1) broken.push(`run ${runId}: acknowledged update ${updateId} was accepted ${accepted} times`);
    if (completed > 1) broken.push(`run ${runId}: update ${updateId} was completed ${completed} times`);
    if (isCompleted && completed === 0) broken.push(`run ${runId}: the outcome of update ${updateId} is lost`);
  }
  for (const { runId, events } of runs) {
    const broke = events.map(acceptedUpdate).find((id) => id !== undefined && rejectedUpdates.has(id));
    if (broke !== undefined) broken.push(`run ${runId}: update ${broke} was rejected and is there`);
  }
  return broken;
}

const acceptedUpdate = (event: HistoryEvent): string | undefined =>
  event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId;
const completedUpdate = (event: HistoryEvent): string | undefined =>
  event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId;

function checkPointers(runs: readonly Run[], database: MemoryDatabase): readonly string[] {
  const broken: string[] = [];
  for (const [workflow, runId] of database.current) {
    const workflowId = workflow.slice(workflow.indexOf('\0') + 1);
    const successor = runs.find((run) => run.workflowId === workflowId && run.runId === runId);
    if (!successor) broken.push(`${workflowId}: the current run ${runId} is not there`);
    else if (successor.state.info.newExecutionRunId !== '')
      broken.push(`${workflowId}: the current run has a successor`);
  }
  return broken;
}

function checkVisibility(database: MemoryDatabase): readonly string[] {
  const broken: string[] = [];
  for (const row of runsIn(database)) {
    const { status } = stateOf(row).info;
    if (row.visibility?.status !== status) {
      broken.push(`${row.key.workflowId}: lists show status ${row.visibility?.status}, the run has ${status}`);
    }
  }
  return broken;
}
