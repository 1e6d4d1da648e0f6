import { ActivityInfo, BufferedEvent, ExecutionInfo, TimerInfo } from '@duramesh/proto';
import type { ExecutionDiff, ExecutionState } from './state.ts';
import type { HistoryEvent } from './events.ts';
import { summarize } from './summary.ts';

/** Kinds of item rows. Stored: never reuse a number. */
export const ITEM_KINDS = { activity: 1, timer: 2, signalRequestId: 3, bufferedEvent: 4 } as const;

interface Row {
  readonly kind: number;
  readonly key: string;
  readonly data: Uint8Array;
}

const NOTHING = new Uint8Array(0);
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
  const { activity, timer, signalRequestId, bufferedEvent } = ITEM_KINDS;
  for (const [key, value] of diff.activities.upserts) {
    upserts.push({ kind: activity, key: numberKey(key), data: ActivityInfo.encode(value) });
  }
  for (const key of diff.activities.deletes) deletes.push({ kind: activity, key: numberKey(key) });
  for (const [key, value] of diff.timers.upserts) upserts.push({ kind: timer, key, data: TimerInfo.encode(value) });
  for (const key of diff.timers.deletes) deletes.push({ kind: timer, key });
  for (const key of diff.signalRequestIds.upserts.keys()) upserts.push({ kind: signalRequestId, key, data: NOTHING });
  for (const key of diff.signalRequestIds.deletes) deletes.push({ kind: signalRequestId, key });
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
  const signalRequestIds = new Map<string, true>();
  const buffered = new Map<number, HistoryEvent>();
  for (const { kind, key, data } of items) {
    switch (kind) {
      case ITEM_KINDS.activity:
        activities.set(Number(key), ActivityInfo.decode(data));
        break;
      case ITEM_KINDS.timer:
        timers.set(key, TimerInfo.decode(data));
        break;
      case ITEM_KINDS.signalRequestId:
        signalRequestIds.set(key, true);
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
  return { info: ExecutionInfo.decode(info), activities, timers, signalRequestIds, buffered, summary };
}
