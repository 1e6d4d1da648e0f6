import { decodeState, EVENT_TYPES, type ExecutionState, type HistoryEvent, outstandingTasks } from '@duramesh/engine';
import { visibilityRow } from '@duramesh/history';
import {
  type Broken,
  checkIsCurrent,
  checkIsFound,
  checkIsThere,
  checkListEntry,
  checkStoredRun,
  decodeRun,
  eventsOf,
} from '@duramesh/invariants';
import type { RunRecord } from '@duramesh/persistence';
import type { MemoryDatabase } from '@duramesh/persistence/memory';
import { RunState } from '@duramesh/proto';
import { checkFamilies } from './check-families.ts';
import type { Ledger } from './ledger.ts';

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: ExecutionState;
  readonly events: readonly HistoryEvent[];
}

type StoredRow = MemoryDatabase['runs'] extends Map<string, infer R> ? R : never;

const isClosed = (state: ExecutionState): boolean => state.info.state === RunState.RUN_STATE_COMPLETED;
const stateOf = (row: StoredRow): ExecutionState => decodeState(row.info, [...row.items.values()]);

/** Parts of histories that were copied for runs to come are no runs yet. */
const runsIn = (database: MemoryDatabase): readonly StoredRow[] =>
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

/** Everything that was promised, compared with what is stored. @returns broken promises in words */
export function checkWorld(database: MemoryDatabase, ledger: Ledger): readonly string[] {
  const { runs, broken } = readAll(database);
  return [
    ...broken,
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

/** What holds of everything stored, whoever wrote it and why. @returns what is broken in words */
export const checkStored = (database: MemoryDatabase): readonly string[] => readAll(database).broken;

function readAll(database: MemoryDatabase): { readonly runs: readonly Run[]; readonly broken: readonly string[] } {
  const runs: Run[] = [];
  const broken: string[] = [];
  const tell = (where: string, found: readonly Broken[]): void => {
    for (const { claim, text } of found) broken.push(`${where}: ${claim === 'R' ? '' : `${claim}: `}${text}`);
  };
  for (const [name, row] of database.runs) {
    const { workflowId, runId } = row.key;
    const where = `${workflowId}/${runId}`;
    const record = recordOf(database, name, row);
    if (row.version === 0) {
      tell(where, checkIsFound(record));
      continue;
    }
    const decoding = decodeRun({ ...row, items: [...row.items.values()] }, row.history);
    if (decoding.kind === 'unreadable') {
      tell(where, decoding.broken);
      continue;
    }
    const { run } = decoding;
    const currentRunId = database.current.get(name.slice(0, name.lastIndexOf('\0')));
    tell(where, checkStoredRun(run, record));
    tell(where, checkIsCurrent(run, currentRunId));
    tell(where, checkListEntry(row.visibility ? [row.visibility] : [], visibilityRow(run.state.info)));
    runs.push({ workflowId, runId, state: run.state, events: eventsOf(run) });
  }
  for (const [name, runId] of database.current) {
    const runName = `${name}\0${runId}`;
    const row = database.runs.get(runName);
    const record = row && recordOf(database, runName, row);
    tell(`${name.slice(name.indexOf('\0') + 1)}/${runId}`, checkIsThere(record));
  }
  return { runs, broken };
}

const recordOf = (database: MemoryDatabase, name: string, row: StoredRow): RunRecord => ({
  ...row,
  outstanding: database.outstanding.has(name),
});

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
