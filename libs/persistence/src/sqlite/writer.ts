import type { Histogram, Logger, Metrics, Tracer } from '@duramesh/runtime';
import type { CommitResult, Lease, LeaseKind } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import { GROUP_LIMITS, GroupCommit, type WriteOutcome } from '../group-commit.ts';
import type { Connection } from './connect.ts';
import { isBusy, isOutage, toFault } from './errors.ts';
import type { Statement } from './statements.ts';

/** 64 workflows at once: two commits instead of three, and a twentieth less work. With four at once nobody waits. */
const PACE = { company: 8, enough: 16, ms: 4 } as const;

/** A write of this adapter. */
export interface SqliteWrite {
  /** Checks the conditions of the write before changing anything; runs again when its transaction has to be tried again. */
  apply(): CommitResult;
  /** Its caller knows no outcome but success, and is thrown faults. */
  readonly throwsFaults?: true;
}

export interface WriterOptions {
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** All writes of the process to one database, grouped into transactions and fenced by their leases. */
export class Writer {
  readonly #connection: Connection;
  readonly #logger: Logger;
  readonly #groupSize: Histogram | undefined;
  readonly #queue: GroupCommit<SqliteWrite>;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #readRangeIds: Statement<[partition: number, rangeId: number]>;
  readonly #dataVersion: Statement<[number]>;
  /** Range ids as this connection has read them: they hold until another one commits something. */
  readonly #rangeIdsOf: Readonly<Record<LeaseKind, Map<number, number>>> = { history: new Map(), matching: new Map() };
  readonly #onStale: (() => void)[] = [];
  #seenDataVersion: number | undefined;
  /** Whether the transaction under way knows that the range ids hold. */
  #isUpToDate = false;

  constructor(connection: Connection, options: WriterOptions) {
    this.#connection = connection;
    this.#logger = options.logger;
    this.#groupSize = options.metrics?.histogram('store_commit_group_writes', 'Writes that shared one transaction.');
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#rollback = connection.prepare('ROLLBACK');
    this.#readRangeIds = connection.prepare(
      'SELECT partition, range_id FROM leases WHERE kind = ? AND partition IN (SELECT value FROM json_each(?))',
    );
    this.#dataVersion = connection.prepare('PRAGMA data_version');
    this.#queue = new GroupCommit({
      clock: connection.clock,
      tracer: options.tracer,
      ...GROUP_LIMITS,
      pace: PACE,
      flush: (group) => this.#flush(group),
    });
  }

  submit(write: SqliteWrite): Promise<CommitResult> {
    return this.#queue.submit(write);
  }

  /** @throws StoreFault when the write is not known to have happened */
  async submitOrThrow(apply: () => void): Promise<void> {
    const write = (): CommitResult => {
      apply();
      return 'committed';
    };
    const result = await this.submit({ apply: write, throwsFaults: true });
    if (result !== 'committed') {
      throw new StoreFault(
        'unavailable',
        `the store ${this.#connection.path} takes no writes: it is closed or overloaded`,
      );
    }
  }

  isFenced(lease: Lease): boolean {
    if (!this.#isUpToDate) this.#noticeOthers();
    return this.#known(lease.kind, [lease.partition])[0] !== lease.rangeId;
  }

  /** The range ids in force, in the order of the partitions; 0 where nobody ever had one. */
  rangeIds(kind: LeaseKind, partitions: readonly number[]): readonly number[] {
    this.#noticeOthers();
    return this.#known(kind, partitions);
  }

  #known(kind: LeaseKind, partitions: readonly number[]): readonly number[] {
    const known = this.#rangeIdsOf[kind];
    const unknown = partitions.filter((partition) => !known.has(partition));
    if (unknown.length > 0) {
      const rows = new Map(this.#readRangeIds.all(kind, JSON.stringify(unknown)));
      for (const partition of unknown) known.set(partition, rows.get(partition) ?? 0);
    }
    return partitions.map((partition) => known.get(partition) ?? 0);
  }

  /** Calls back when what was read or written may no longer be what is stored: others have committed, or a group failed. */
  onStale(forget: () => void): void {
    this.#onStale.push(forget);
  }

  /** For writes that change leases: those behind them in the transaction must see it. */
  forgetRangeIds(): void {
    for (const known of Object.values(this.#rangeIdsOf)) known.clear();
  }

  noteRows(rows: number, bytes: number): void {
    this.#connection.stats.rowsWritten += rows;
    this.#connection.stats.bytesWritten += bytes;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #flush(group: readonly SqliteWrite[]): Promise<readonly WriteOutcome[]> {
    this.#groupSize?.observe(group.length);
    try {
      return await this.#connection.whenFree(() => this.#transact(group));
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) return this.#flushOneByOne(group);
      return this.#failed(group, error);
    }
  }

  /** So that a write that cannot be stored fails alone. */
  async #flushOneByOne(group: readonly SqliteWrite[]): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const write of group) outcomes.push(...(await this.#flush([write])));
    return outcomes;
  }

  #transact(group: readonly SqliteWrite[]): WriteOutcome[] {
    this.#isUpToDate = false;
    this.#begin.run();
    try {
      const results: WriteOutcome[] = [];
      for (const write of group) results.push(write.apply());
      this.#commit.run();
      this.#connection.stats.commits += 1;
      return results;
    } catch (error) {
      this.#forget();
      if (this.#connection.isInTransaction) this.#rollback.run();
      throw error;
    }
  }

  /**
   * Under the lock of the transaction nobody else can commit, so one look covers all leases of the group.
   * @see https://www.sqlite.org/pragma.html#pragma_data_version
   */
  #noticeOthers(): void {
    this.#isUpToDate = true;
    const dataVersion = this.#dataVersion.get()?.[0];
    if (dataVersion !== undefined && dataVersion === this.#seenDataVersion) return;
    this.#seenDataVersion = dataVersion;
    this.#forget();
  }

  #forget(): void {
    this.forgetRangeIds();
    for (const forget of this.#onStale) forget();
  }

  #failed(group: readonly SqliteWrite[], error: unknown): WriteOutcome[] {
    const cause = toFault(error, this.#connection.path);
    const thrown = cause instanceof Error ? cause : new Error(String(cause));
    if (!isBusy(error)) this.#logger.error({ err: thrown, writes: group.length }, 'a commit to the store failed');
    else this.#logger.warn({ writes: group.length }, 'the store was locked by another process for too long');
    const isFault = thrown instanceof StoreFault;
    return group.map((write) => (isFault && write.throwsFaults !== true ? 'unknown' : thrown));
  }
}
