import {
  ActivityInfo,
  BufferedEvent,
  CallbackInfo,
  ChildInfo,
  type Codec,
  ExecutionInfo,
  ExternalRequestInfo,
  RequestIdRecord,
  TimerInfo,
  UpdateInfo,
} from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { HistoryEvent } from './events.ts';
import type { MapDiff } from './overlay.ts';
import type { ExecutionDiff, ExecutionState } from './state.ts';
import { summarize } from './summary.ts';

/** Kinds of item rows. Stored: never reuse a number. */
export const ITEM_KINDS = {
  activity: 1,
  timer: 2,
  requestId: 3,
  bufferedEvent: 4,
  child: 10,
  externalCancel: 11,
  externalSignal: 12,
  update: 20,
  callback: 30,
} as const;
type Kind = (typeof ITEM_KINDS)[keyof typeof ITEM_KINDS];
const KNOWN: ReadonlySet<number> = new Set(Object.values(ITEM_KINDS));

interface Row {
  readonly kind: number;
  readonly key: string;
  readonly data: Uint8Array;
}
type RowKey = Pick<Row, 'kind' | 'key'>;

/** Keys as text, and back. */
interface Keys<K> {
  readonly write: (key: K) => string;
  readonly read: (key: string) => K;
}
/** Kept sortable as text. */
const numbers: Keys<number> = { write: (key) => key.toString().padStart(12, '0'), read: Number };
const texts: Keys<string> = { write: (key) => key, read: (key) => key };

const bufferedEvent: Pick<Codec<HistoryEvent>, 'encode' | 'decode'> = {
  encode: (event) => BufferedEvent.encode({ event }),
  decode: (data) => must(BufferedEvent.decode(data).event, 'a buffered event must be there'),
};

/** How one collection of a state is kept in rows. */
class Collection<K, V> {
  readonly #kind: Kind;
  readonly #keys: Keys<K>;
  readonly #codec: Pick<Codec<V>, 'encode' | 'decode'>;

  constructor(kind: Kind, keys: Keys<K>, codec: Pick<Codec<V>, 'encode' | 'decode'>) {
    this.#kind = kind;
    this.#keys = keys;
    this.#codec = codec;
  }

  write({ upserts, deletes }: MapDiff<K, V>, to: { readonly upserts: Row[]; readonly deletes: RowKey[] }): void {
    for (const [key, value] of upserts) {
      to.upserts.push({ kind: this.#kind, key: this.#keys.write(key), data: this.#codec.encode(value) });
    }
    for (const key of deletes) to.deletes.push({ kind: this.#kind, key: this.#keys.write(key) });
  }

  read(rows: ReadonlyMap<number, readonly Row[]>): Map<K, V> {
    const values = new Map<K, V>();
    for (const { key, data } of rows.get(this.#kind) ?? []) {
      values.set(this.#keys.read(key), this.#codec.decode(data));
    }
    return values;
  }
}

const activities = new Collection(ITEM_KINDS.activity, numbers, ActivityInfo);
const timers = new Collection(ITEM_KINDS.timer, texts, TimerInfo);
const requestIds = new Collection(ITEM_KINDS.requestId, texts, RequestIdRecord);
const buffered = new Collection(ITEM_KINDS.bufferedEvent, numbers, bufferedEvent);
const callbacks = new Collection(ITEM_KINDS.callback, numbers, CallbackInfo);
const children = new Collection(ITEM_KINDS.child, numbers, ChildInfo);
const externalCancels = new Collection(ITEM_KINDS.externalCancel, numbers, ExternalRequestInfo);
const externalSignals = new Collection(ITEM_KINDS.externalSignal, numbers, ExternalRequestInfo);
const updates = new Collection(ITEM_KINDS.update, texts, UpdateInfo);

/** A diff as the rows a store keeps. What is in memory only has no row. */
export function encodeDiff(diff: ExecutionDiff): {
  readonly info: Uint8Array;
  readonly upserts: readonly Row[];
  readonly deletes: readonly RowKey[];
} {
  const rows: { upserts: Row[]; deletes: RowKey[] } = { upserts: [], deletes: [] };
  activities.write(diff.activities, rows);
  timers.write(diff.timers, rows);
  requestIds.write(diff.requestIds, rows);
  buffered.write(diff.buffered, rows);
  callbacks.write(diff.callbacks, rows);
  children.write(diff.children, rows);
  externalCancels.write(diff.externalCancels, rows);
  externalSignals.write(diff.externalSignals, rows);
  updates.write(diff.updates, rows);
  return { info: ExecutionInfo.encode(storedInfo(diff.info)), ...rows };
}

/** A speculative workflow task is in memory only. */
export const storedInfo = (info: ExecutionInfo): ExecutionInfo =>
  info.workflowTask?.speculative ? { ...info, workflowTask: undefined } : info;

/**
 * A run from its rows.
 * @throws when a row cannot be decoded: the run is poisoned and must not be served
 */
export function decodeState(info: Uint8Array, items: readonly Row[]): ExecutionState {
  const rows = byKind(items);
  const collections = {
    activities: activities.read(rows),
    timers: timers.read(rows),
    requestIds: requestIds.read(rows),
    buffered: buffered.read(rows),
    callbacks: callbacks.read(rows),
    children: children.read(rows),
    externalCancels: externalCancels.read(rows),
    externalSignals: externalSignals.read(rows),
    updates: updates.read(rows),
    waitingUpdates: new Map(),
  };
  return { info: ExecutionInfo.decode(info), ...collections, summary: summarize(collections) };
}

function byKind(items: readonly Row[]): ReadonlyMap<number, readonly Row[]> {
  const rows = new Map<number, Row[]>();
  for (const row of items) {
    if (!KNOWN.has(row.kind)) throw new Error(`item row of unknown kind ${row.kind}`);
    const alike = rows.get(row.kind);
    if (alike) alike.push(row);
    else rows.set(row.kind, [row]);
  }
  return rows;
}
