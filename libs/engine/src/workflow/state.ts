import { type ActivityInfo, ExecutionInfo, type RequestIdRecord, type TimerInfo, TimeSkipping } from '@duramesh/proto';
import type { HistoryEvent } from './events.ts';
import { absorbMap, type MapDiff } from './overlay.ts';
import { NOTHING_PENDING, type Summary } from './summary.ts';

/** Everything the shard knows about one workflow run. Read-only to everybody but `absorb`. */
export interface ExecutionState {
  readonly info: ExecutionInfo;
  /** By scheduled event id. */
  readonly activities: ReadonlyMap<number, ActivityInfo>;
  /** By timer id. */
  readonly timers: ReadonlyMap<string, TimerInfo>;
  /** What each request with an id has come to, so that its repetition comes to nothing. */
  readonly requestIds: ReadonlyMap<string, RequestIdRecord>;
  /** By arrival; waiting for their event ids. */
  readonly buffered: ReadonlyMap<number, HistoryEvent>;
  /** Never stored: drawn from the collections above. */
  readonly summary: Summary;
}

/** What one transition changes: stored as rows, then absorbed by the cache. */
export interface ExecutionDiff {
  readonly info: ExecutionInfo;
  readonly activities: MapDiff<number, ActivityInfo>;
  readonly timers: MapDiff<string, TimerInfo>;
  readonly requestIds: MapDiff<string, RequestIdRecord>;
  readonly buffered: MapDiff<number, HistoryEvent>;
  readonly summary: Summary;
}

/** The state before the first event. `skippedMs`: how far the clock it goes on by is ahead of the real one. */
export function emptyState(namespaceId: string, workflowId: string, runId: string, skippedMs = 0): ExecutionState {
  const timeSkipping = skippedMs > 0 ? TimeSkipping.create({ skippedMs }) : undefined;
  const first = { nextEventId: 1, nextWorkflowTaskAttempt: 1 };
  return {
    info: ExecutionInfo.create({ namespaceId, workflowId, runId, ...first, timeSkipping }),
    activities: new Map(),
    timers: new Map(),
    requestIds: new Map(),
    buffered: new Map(),
    summary: NOTHING_PENDING,
  };
}

/** Consumes the old state. Call only once the diff is durable. */
export function absorb(state: ExecutionState, diff: ExecutionDiff): ExecutionState {
  absorbMap(state.activities as Map<number, ActivityInfo>, diff.activities);
  absorbMap(state.timers as Map<string, TimerInfo>, diff.timers);
  absorbMap(state.requestIds as Map<string, RequestIdRecord>, diff.requestIds);
  absorbMap(state.buffered as Map<number, HistoryEvent>, diff.buffered);
  return { ...state, info: diff.info, summary: diff.summary };
}
