import { archetypeOf } from '@duramesh/contracts';
import { decodeState, type ExecutionState, type HistoryEvent, outstandingTasks } from '@duramesh/engine';
import type { MemoryDatabase } from '@duramesh/persistence/memory';
import { RunState } from '@duramesh/proto';

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: ExecutionState;
  readonly events: readonly HistoryEvent[];
}

export type StoredRow = MemoryDatabase['runs'] extends Map<string, infer R> ? R : never;

const isClosed = (state: ExecutionState): boolean => state.info.state === RunState.RUN_STATE_COMPLETED;

/** What was read from rows before: few change from one look to the next, and each write brings an `info` of its own. */
const read = new WeakMap<StoredRow['info'], ExecutionState>();

function stateOf(row: StoredRow): ExecutionState {
  const known = read.get(row.info);
  if (known !== undefined) return known;
  const state = decodeState(row.info, [...row.items.values()]);
  read.set(row.info, state);
  return state;
}

/** Parts of histories that were copied for runs to come are no runs yet. */
const runsIn = (database: MemoryDatabase): readonly StoredRow[] =>
  [...database.runs.values()].filter(({ version, key }) => version > 0 && archetypeOf(key.namespaceId) === undefined);

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
