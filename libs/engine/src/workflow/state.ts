import {
  type ActivityInfo,
  type CallbackInfo,
  type ChildInfo,
  ExecutionInfo,
  type ExternalRequestInfo,
  type RequestIdRecord,
  type TimerInfo,
  TimeSkipping,
  type UpdateInfo,
} from '@duramesh/proto';
import type { HistoryEvent } from './events.ts';
import { absorbMap, type MapDiff } from './overlay.ts';
import { NOTHING_PENDING, type Summary } from './summary.ts';
import type { WaitingUpdate } from './updates.ts';

/** Everything the shard knows about one workflow run. Read-only to everybody but `absorb`. */
export interface ExecutionState {
  readonly info: ExecutionInfo;
  /** By scheduled event id. */
  readonly activities: ReadonlyMap<number, ActivityInfo>;
  /** By timer id. */
  readonly timers: ReadonlyMap<string, TimerInfo>;
  /** What each request with an id has come to, so that its repetition comes to nothing. */
  readonly requestIds: ReadonlyMap<string, RequestIdRecord>;
  /** Who is told when the run has ended, by order of registration, counted from 0. */
  readonly callbacks: ReadonlyMap<number, CallbackInfo>;
  /** By arrival; waiting for their event ids. */
  readonly buffered: ReadonlyMap<number, HistoryEvent>;
  /** By update id: those that history tells of. */
  readonly updates: ReadonlyMap<string, UpdateInfo>;
  /** Never stored: by update id, in order of arrival, those that history does not tell of. */
  readonly waitingUpdates: ReadonlyMap<string, WaitingUpdate>;
  /** Workflows that this one starts and that have not ended yet, by initiated event id. */
  readonly children: ReadonlyMap<number, ChildInfo>;
  /** Cancel requests on their way to other workflows, by initiated event id. */
  readonly externalCancels: ReadonlyMap<number, ExternalRequestInfo>;
  /** Signals on their way to other workflows, by initiated event id. */
  readonly externalSignals: ReadonlyMap<number, ExternalRequestInfo>;
  /** Never stored: drawn from the collections above. */
  readonly summary: Summary;
}

/** What one transition changes: stored as rows, then absorbed by the cache. */
export interface ExecutionDiff {
  readonly info: ExecutionInfo;
  readonly activities: MapDiff<number, ActivityInfo>;
  readonly timers: MapDiff<string, TimerInfo>;
  readonly requestIds: MapDiff<string, RequestIdRecord>;
  readonly callbacks: MapDiff<number, CallbackInfo>;
  readonly buffered: MapDiff<number, HistoryEvent>;
  readonly updates: MapDiff<string, UpdateInfo>;
  readonly waitingUpdates: MapDiff<string, WaitingUpdate>;
  readonly children: MapDiff<number, ChildInfo>;
  readonly externalCancels: MapDiff<number, ExternalRequestInfo>;
  readonly externalSignals: MapDiff<number, ExternalRequestInfo>;
  readonly summary: Summary;
}

/** The state before the first event. */
export function emptyState(namespaceId: string, workflowId: string, runId: string): ExecutionState {
  return {
    info: ExecutionInfo.create({ namespaceId, workflowId, runId, nextEventId: 1, nextWorkflowTaskAttempt: 1 }),
    activities: new Map(),
    timers: new Map(),
    requestIds: new Map(),
    callbacks: new Map(),
    buffered: new Map(),
    updates: new Map(),
    waitingUpdates: new Map(),
    children: new Map(),
    externalCancels: new Map(),
    externalSignals: new Map(),
    summary: NOTHING_PENDING,
  };
}

/** The state before the first event of a run that goes on by a clock ahead of the real one. */
export function aheadBy(skippedMs: number, empty: ExecutionState): ExecutionState {
  if (skippedMs === 0) return empty;
  return { ...empty, info: { ...empty.info, timeSkipping: TimeSkipping.create({ skippedMs }) } };
}

/** Consumes the old state. Call only once the diff is durable. */
export function absorb(state: ExecutionState, diff: ExecutionDiff): ExecutionState {
  absorbMap(state.activities as Map<number, ActivityInfo>, diff.activities);
  absorbMap(state.timers as Map<string, TimerInfo>, diff.timers);
  absorbMap(state.requestIds as Map<string, RequestIdRecord>, diff.requestIds);
  absorbMap(state.callbacks as Map<number, CallbackInfo>, diff.callbacks);
  absorbMap(state.buffered as Map<number, HistoryEvent>, diff.buffered);
  absorbMap(state.updates as Map<string, UpdateInfo>, diff.updates);
  absorbMap(state.waitingUpdates as Map<string, WaitingUpdate>, diff.waitingUpdates);
  absorbMap(state.children as Map<number, ChildInfo>, diff.children);
  absorbMap(state.externalCancels as Map<number, ExternalRequestInfo>, diff.externalCancels);
  absorbMap(state.externalSignals as Map<number, ExternalRequestInfo>, diff.externalSignals);
  return { ...state, info: diff.info, summary: diff.summary };
}
