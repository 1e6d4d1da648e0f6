import type { ExecutionKey, HistoryBatch, HistoryRange } from '../api/execution-store.ts';
import type { Connection } from './connect.ts';
import { type BatchRange, type BatchRow, type HeadRow, histories } from './statements.ts';

/** More rows than batches are wanted are read, since some may be of writes that came to nothing. */
const SPARE = 4;
/** Where those are in the way nevertheless, so many times as much is read. */
const MORE = 4;

/**
 * Batches are written ahead of the commit that makes them part of the history, so a commit that came to nothing leaves some
 * behind. The head of the run knows who wrote its history from which event on, and where it ends: others are passed over.
 */
export class History {
  readonly #connection: Connection;
  readonly #key: ExecutionKey;
  readonly #writers: readonly (readonly [fromEventId: number, writeId: string])[];
  readonly #lastEventId: number;

  constructor(connection: Connection, key: ExecutionKey, head: HeadRow) {
    this.#connection = connection;
    this.#key = key;
    this.#writers = [...(head.history_writes ?? [])].sort(([a], [b]) => a - b);
    this.#lastEventId = head.version === null ? 0 : (head.last_event_id ?? 0);
  }

  async read(range: HistoryRange): Promise<readonly HistoryBatch[]> {
    const until = Math.min(range.untilEventId, this.#lastEventId + 1);
    const limit = Math.min(range.maxBatches, this.#lastEventId);
    if (until <= 1 || limit === 0) return [];
    const from = range.fromEventId <= 1 ? 1 : await this.#firstEventOf(range.fromEventId);
    const rows = await this.#batches({ from, until, limit }, range.reverse === true ? 'backward' : 'forward');
    return rows
      .filter((row) => row.last_event_id >= range.fromEventId)
      .map((row) => ({ firstEventId: row.first_event_id, lastEventId: row.last_event_id, data: row.data }));
  }

  /** Where the batch begins that holds the event. */
  async #firstEventOf(eventId: number): Promise<number> {
    const [row] = await this.#batches({ from: 1, until: eventId + 1, limit: 1 }, 'backward');
    return row?.first_event_id ?? 1;
  }

  async #batches(range: BatchRange, order: 'forward' | 'backward'): Promise<readonly BatchRow[]> {
    for (let limit = range.limit + SPARE; ; limit *= MORE) {
      const rows = await this.#connection.read<BatchRow>(histories[order](this.#key, { ...range, limit }));
      const own = rows.filter((row) => this.#has(row));
      if (own.length >= range.limit || rows.length < limit) return own.slice(0, range.limit);
    }
  }

  #has(row: BatchRow): boolean {
    const writer = this.#writers.findLast(([from]) => from <= row.first_event_id);
    return writer?.[1] === row.write_id && row.first_event_id <= this.#lastEventId;
  }
}
