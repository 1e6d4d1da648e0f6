import { ActivityInfo, BufferedEvent, ExecutionInfo, RequestIdRecord, TimerInfo } from '@duramesh/proto';
import type { ExecutionDiff, ExecutionState } from './state.ts';
import type { HistoryEvent } from './events.ts';
import { summarize } from './summary.ts';

/** Kinds of item rows. Stored: never reuse a number. */
export const ITEM_KINDS = { activity: 1, timer: 2, requestId: 3, bufferedEvent: 4 } as const;

interface Row {
  readonly kind: number;
  readonly key: string;
  readonly data: Uint8Array;
}

/** Kept sortable as text. */
const numberKey = (key: number): string => key.toString().padStart(12, '0');

/** A diff as the rows a store keeps. */
export function encodeDiff(diff: ExecutionDiff): {
  readonly info: Uint8Array;
  readonly upserts: readonly Row[];
  readonly deletes: readonly { readonly kind: number; readonly key: string }[];
} {
  const upserts: Row[] = [];
  const deletes: { kind: number; key: string }[] = [];
  const { activity, timer, requestId, bufferedEvent } = ITEM_KINDS;
  for (const [key, value] of diff.activities.upserts) {
    upserts.push({ kind: activity, key: numberKey(key), data: ActivityInfo.encode(value) });
  }
  for (const key of diff.activities.deletes) deletes.push({ kind: activity, key: numberKey(key) });
  for (const [key, value] of diff.timers.upserts) upserts.push({ kind: timer, key, data: TimerInfo.encode(value) });
  for (const key of diff.timers.deletes) deletes.push({ kind: timer, key });
  for (const [key, value] of diff.requestIds.upserts) {
    upserts.push({ kind: requestId, key, data: RequestIdRecord.encode(value) });
  }
  for (const key of diff.requestIds.deletes) deletes.push({ kind: requestId, key });
  for (const [key, event] of diff.buffered.upserts) {
    upserts.push({ kind: bufferedEvent, key: numberKey(key), data: BufferedEvent.encode({ event }) });
  }
  for (const key of diff.buffered.deletes) deletes.push({ kind: bufferedEvent, key: numberKey(key) });
  return { info: ExecutionInfo.encode(diff.info), upserts, deletes };
}

/**
 * A run from its rows.
 * @throws when a row cannot be decoded: the run is poisoned and must not be served
 */
export function decodeState(info: Uint8Array, items: readonly Row[]): ExecutionState {
  const activities = new Map<number, ActivityInfo>();
  const timers = new Map<string, TimerInfo>();
  const requestIds = new Map<string, RequestIdRecord>();
  const buffered = new Map<number, HistoryEvent>();
  for (const { kind, key, data } of items) {
    switch (kind) {
      case ITEM_KINDS.activity:
        activities.set(Number(key), ActivityInfo.decode(data));
        break;
      case ITEM_KINDS.timer:
        timers.set(key, TimerInfo.decode(data));
        break;
      case ITEM_KINDS.requestId:
        requestIds.set(key, RequestIdRecord.decode(data));
        break;
      case ITEM_KINDS.bufferedEvent: {
        const { event } = BufferedEvent.decode(data);
        if (event) buffered.set(Number(key), event);
        break;
      }
      default:
        throw new Error(`item row of unknown kind ${kind}`);
    }
  }
  const summary = summarize(activities, timers);
  return { info: ExecutionInfo.decode(info), activities, timers, requestIds, buffered, summary };
}
