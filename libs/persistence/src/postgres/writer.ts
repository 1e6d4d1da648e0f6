import type { Histogram, Logger, Metrics, Tracer } from '@duramesh/runtime';
import type { CommitResult, Lease, LeaseKind } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import { GROUP_LIMITS, GroupCommit, type WriteOutcome } from '../group-commit.ts';
import { batchOf } from './commit.ts';
import { numberArray } from './values.ts';
import { type Connections, FateUnknown, WRITE_CONNECTIONS } from './connect.ts';
import { isOfOneWrite, toFault } from './errors.ts';
import { leaseStatements } from './statements.ts';
import { verdicts } from './write-statements.ts';
import { type AcquireWrite, type FencedWrite, type PostgresWrite, statementsOf, touchedBy } from './writes.ts';

/**
 * While the server works on one group we make up the next one: at 256 callers half as much again a second. Smaller groups
 * would cost either side more for each write than they save in time.
 */
const MAX_GROUP = 128;
/** At the same rate and latency: 1.1 instead of 1.3 commits for a workflow, with 64 or 8 of them at once. */
const PACE = { company: 5, enough: 16, ms: 4 } as const;
/** A statement is held in memory by the process and by the server. A write that is larger goes alone. */
const MAX_STATEMENT_BYTES = 16 * 1024 ** 2;

export interface WriterOptions {
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** All writes of the process that leases fence: many share one statement, which is one round trip and one sync of the log. */
export class Writer {
  readonly #connections: Connections;
  readonly #logger: Logger;
  readonly #groupSize: Histogram | undefined;
  readonly #queue: GroupCommit<PostgresWrite>;

  constructor(connections: Connections, { logger, metrics, tracer }: WriterOptions) {
    this.#connections = connections;
    this.#logger = logger;
    this.#groupSize = metrics?.histogram('store_commit_group_writes', 'Writes that shared one transaction.');
    this.#queue = new GroupCommit({
      clock: connections.clock,
      tracer,
      ...GROUP_LIMITS,
      maxGroup: MAX_GROUP,
      pace: PACE,
      flights: { max: WRITE_CONNECTIONS, touchedBy },
      flush: (group) => this.#flush(group),
    });
  }

  submit(write: FencedWrite): Promise<CommitResult> {
    return this.#queue.submit(write);
  }

  /** @throws StoreFault when the leases are not known to be had */
  async acquire(leaseKind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    let leases: readonly Lease[] = [];
    const take = (taken: readonly Lease[]): void => void (leases = taken);
    const result = await this.#queue.submit({ kind: 'acquire', leaseKind, partitions, memberId, take });
    if (result === 'committed') return leases;
    throw new StoreFault(
      'unavailable',
      `the store ${this.#connections.shown} takes no writes: it is closed or overloaded`,
    );
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #flush(group: readonly PostgresWrite[]): Promise<readonly WriteOutcome[]> {
    this.#groupSize?.observe(group.length);
    const outcomes: WriteOutcome[] = [];
    for (const indexes of statementsOf(group, { maxBytes: MAX_STATEMENT_BYTES })) {
      const writes = indexes.map((i) => group[i]).filter((write) => write !== undefined);
      const done = await this.#write(writes);
      for (const [n, i] of indexes.entries()) outcomes[i] = done[n] ?? 'unknown';
    }
    return outcomes;
  }

  /** Writes of one kind, in one statement. */
  async #write(writes: readonly PostgresWrite[]): Promise<readonly WriteOutcome[]> {
    const [first] = writes;
    try {
      if (first?.kind === 'acquire') return [await this.#acquire(first)];
      return await this.#send(writes.filter((write) => write.kind !== 'acquire'));
    } catch (error) {
      // So that a write that cannot be stored fails alone: its statement was undone as a whole.
      if (writes.length > 1 && isOfOneWrite(error)) return this.#writeOneByOne(writes);
      return this.#failed(writes, error);
    }
  }

  async #writeOneByOne(writes: readonly PostgresWrite[]): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const write of writes) outcomes.push(...(await this.#write([write])));
    return outcomes;
  }

  async #send(writes: readonly FencedWrite[]): Promise<readonly WriteOutcome[]> {
    const [first] = writes;
    if (first === undefined) return [];
    const { statement, values, rows, bytes } = batchOf[first.kind](writes);
    const [answer] = await this.#connections.write(statement, values);
    this.#connections.stats.rowsWritten += rows;
    this.#connections.stats.bytesWritten += bytes;
    return writes.map((_, i) => verdictOf(answer?.[0].charAt(i)));
  }

  async #acquire({ leaseKind: kind, partitions, memberId, take }: AcquireWrite): Promise<'committed'> {
    const values = [kind, memberId, numberArray(partitions)];
    const rangeIds = new Map(await this.#connections.write(leaseStatements.acquire, values));
    this.#connections.stats.rowsWritten += rangeIds.size;
    take(partitions.map((partition) => ({ kind, partition, rangeId: rangeIds.get(partition) ?? 0 })));
    return 'committed';
  }

  #failed(writes: readonly PostgresWrite[], error: unknown): WriteOutcome[] {
    const known = error instanceof FateUnknown ? error.cause : toFault(error, this.#connections.shown);
    const thrown = known instanceof Error ? known : new Error(String(known));
    this.#logger.error({ err: thrown, writes: writes.length }, 'a commit to the store failed');
    const isFault = thrown instanceof StoreFault || error instanceof FateUnknown;
    // A caller that acquires leases knows no outcome but success.
    return writes.map(({ kind }) => (isFault && kind !== 'acquire' ? 'unknown' : thrown));
  }
}

function verdictOf(letter: string | undefined): CommitResult {
  return letter === '0' || letter === '1' || letter === '2' ? verdicts[letter] : 'unknown';
}
