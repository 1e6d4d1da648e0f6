import { Draft } from './draft.ts';
import type { Environment } from './environment.ts';
import type { HistoryEvent } from './events.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { absorb, emptyState, type ExecutionState } from './state.ts';

const NOWHERE: Environment = { now: 0, limits: DEFAULT_LIMITS, newRunId: '', chance: 0 };

export interface RunIds {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The state that a history tells, batch by batch if it comes so. Events that still wait for their ids may be given as
 * well: they have their meaning already. What history does not tell (the notes, see SPEC.md) is as in a new run.
 */
export function rebuild(
  { namespaceId, workflowId, runId }: RunIds,
  history: readonly HistoryEvent[] | readonly (readonly HistoryEvent[])[],
  buffered: Iterable<HistoryEvent> = [],
): ExecutionState {
  let state = emptyState(namespaceId, workflowId, runId);
  for (const batch of batchesOf(history)) state = replayed(state, batch);
  const draft = new Draft(state, NOWHERE);
  for (const event of buffered) draft.replayBuffered(event);
  return absorb(state, draft.diff());
}

/** The state after further events of the history. Consumes the old state. */
export function replayed(state: ExecutionState, events: readonly HistoryEvent[]): ExecutionState {
  const draft = new Draft(state, NOWHERE);
  for (const event of events) draft.replay(event);
  return absorb(state, draft.diff());
}

const isBatched = (
  history: readonly HistoryEvent[] | readonly (readonly HistoryEvent[])[],
): history is readonly (readonly HistoryEvent[])[] => Array.isArray(history[0]);

const batchesOf = (
  history: readonly HistoryEvent[] | readonly (readonly HistoryEvent[])[],
): readonly (readonly HistoryEvent[])[] => (isBatched(history) ? history : [history]);
