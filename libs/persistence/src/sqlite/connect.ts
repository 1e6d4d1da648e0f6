import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@duramesh/runtime';
import { StoreFault, type StoreStats } from '../api/store.ts';
import { isBusy, toFault } from './errors.ts';
import { migrate } from './schema.ts';
import { Statement } from './statements.ts';

/** Opening happens once and may wait for another process that opens the same file. */
const OPEN_TIMEOUT_MS = 5_000;
/** How long a lock of another process is waited for, without holding up this one, before the store counts as away. */
const BUSY_TIMEOUT_MS = 5_000;
const BUSY_PAUSES_MS = [1, 1, 2, 4, 8, 16, 32];
const LONGEST_PAUSE_MS = 50;

/** The write-ahead log grows to this many pages before it is written back: hot pages are then written back once. */
const CHECKPOINT_PAGES = 4_000;
/**
 * What is in memory already is not read again, so these are the pages that are being written. A commit after which neighbours
 * in a tree have changed places looks at every page of the cache: 2,900 of them cost it 0.12 ms, these are a thousand.
 */
const CACHE_KIB = 4_096;

export interface ConnectionOptions {
  /** A file, made when it is missing, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  /** Beyond this size the file counts as full. */
  readonly maxBytes?: number;
}

/** One open database file. */
export class Connection {
  readonly stats: StoreStats = { commits: 0, statements: 0, rowsWritten: 0, bytesWritten: 0, reads: 0 };
  readonly path: string;
  readonly clock: Clock;
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync, path: string, clock: Clock) {
    this.#database = database;
    this.path = path;
    this.clock = clock;
  }

  /** @throws StoreFault that says what to do about it */
  static open({ path, clock, maxBytes }: ConnectionOptions): Connection {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: false });
      configure(database);
      if (maxBytes !== undefined) limitSize(database, maxBytes);
      migrate(database, { path });
      database.exec('PRAGMA busy_timeout = 0');
      return new Connection(database, path, clock);
    } catch (error) {
      database?.close();
      throw toFault(error, path);
    }
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  get isInTransaction(): boolean {
    return this.isOpen && this.#database.isTransaction;
  }

  prepare<Row extends readonly unknown[] = readonly []>(sql: string): Statement<Row> {
    return new Statement<Row>(this.#database.prepare(sql), this.stats);
  }

  async read<T>(run: () => T): Promise<T> {
    this.stats.reads += 1;
    try {
      return await this.whenFree(run);
    } catch (error) {
      throw toFault(error, this.path);
    }
  }

  /** Runs again while another process holds the lock, for a bounded time. `run` must leave nothing behind when it throws. */
  async whenFree<T>(run: () => T): Promise<T> {
    const startedAt = this.clock.monotonicMs();
    for (let attempt = 0; ; attempt++) {
      if (!this.isOpen) throw new StoreFault('unavailable', `the store ${this.path} was closed`);
      try {
        return run();
      } catch (error) {
        if (!isBusy(error) || this.clock.monotonicMs() - startedAt >= BUSY_TIMEOUT_MS) throw error;
      }
      await this.clock.sleep(BUSY_PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS);
    }
  }

  close(): void {
    if (this.isOpen) this.#database.close();
  }
}

function configure(database: DatabaseSync): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
  `);
}

function limitSize(database: DatabaseSync, maxBytes: number): void {
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
}
