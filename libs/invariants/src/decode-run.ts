import { decodeState, type ExecutionState, type HistoryEvent } from '@duramesh/engine';
import type { ExecutionKey, HistoryBatch, StoredRun } from '@duramesh/persistence';
import { type Plain, publicCodec } from '@duramesh/proto';
import { type Broken, messageOf } from './broken.ts';

const historyCodec = publicCodec<Plain<{ events?: HistoryEvent[] }>>('temporal.api.history.v1.History');

/** A run and all of its history, out of their rows. */
export interface DecodedRun {
  readonly key: ExecutionKey;
  readonly state: ExecutionState;
  readonly batches: readonly DecodedBatch[];
}

export interface DecodedBatch extends Pick<HistoryBatch, 'firstEventId' | 'lastEventId'> {
  readonly events: readonly HistoryEvent[];
}

export type Decoding =
  | { readonly kind: 'decoded'; readonly run: DecodedRun }
  | { readonly kind: 'unreadable'; readonly broken: readonly Broken[] };

export function decodeRun(stored: StoredRun, history: readonly HistoryBatch[]): Decoding {
  const broken: Broken[] = [];
  const attempt = <T>(what: string, decode: () => T): T | undefined => {
    try {
      return decode();
    } catch (error) {
      broken.push({ claim: 'S1', text: `${what} cannot be read: ${messageOf(error)}` });
      return undefined;
    }
  };
  const state = attempt('its state', () => decodeState(stored.info, stored.items));
  const batches = history.map(({ firstEventId, lastEventId, data }) => ({
    firstEventId,
    lastEventId,
    events: attempt(`the batch of events from ${firstEventId} on`, () => historyCodec.decode(data).events ?? []) ?? [],
  }));
  if (state === undefined || broken.length > 0) return { kind: 'unreadable', broken };
  return { kind: 'decoded', run: { key: stored.key, state, batches } };
}

export const eventsOf = ({ batches }: DecodedRun): readonly HistoryEvent[] => batches.flatMap(({ events }) => events);
