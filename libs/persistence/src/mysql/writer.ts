import type { Histogram, Logger, Metrics, Tracer } from '@duramesh/runtime';
import type { CommitResult } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import { GROUP_LIMITS, GroupCommit, type WriteOutcome } from '../group-commit.ts';
import type { Database } from './connect.ts';
import { isInTheWay, isLost, isOutage, isOvertaken, isRefusedForNow, toFault } from './errors.ts';
import { charsOf, type SharedWrite } from './group.ts';
import type { Answer } from './session.ts';
import { Transactions, UnknownFate } from './transactions.ts';

/** How long writes are tried again while others are in the way or the server is away. */
const AGAIN_MS = 5_000;

/** A write that is rare: it has a transaction of its own, in its turn. Its caller is thrown what goes wrong. */
interface LoneWrite {
  readonly kind: 'lone';
  readonly statements: readonly string[];
  readonly rows: number;
  readonly take: (answers: readonly Answer[]) => void;
}

type MysqlWrite = SharedWrite | LoneWrite;

export interface WriterOptions {
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** All writes of the process to one database, grouped into transactions and fenced by their leases. */
export class Writer {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #groupSize: Histogram | undefined;
  readonly #queue: GroupCommit<MysqlWrite>;
  readonly #transactions: Transactions;

  constructor(database: Database, { logger, metrics, tracer }: WriterOptions) {
    this.#database = database;
    this.#logger = logger;
    this.#groupSize = metrics?.histogram('store_commit_group_writes', 'Writes that shared one transaction.');
    this.#transactions = new Transactions(database);
    this.#queue = new GroupCommit({
      clock: database.clock,
      tracer,
      ...GROUP_LIMITS,
      flush: (group) => this.#flush(group),
    });
  }

  submit(write: SharedWrite): Promise<CommitResult> {
    return this.#queue.submit(write);
  }

  /**
   * Runs the statements and commits them. @returns their answers
   * @throws StoreFault when they are not known to have happened, or the driver's error for a row that is there already
   */
  async runAlone(statements: readonly string[], rows = 1): Promise<readonly Answer[]> {
    let answers: readonly Answer[] = [];
    const take = (taken: readonly Answer[]): void => void (answers = taken);
    const result = await this.#queue.submit({ kind: 'lone', statements, rows, take });
    if (result === 'committed') return answers;
    throw new StoreFault(
      'unavailable',
      `the store ${this.#database.shown} takes no writes: it is closed or overloaded`,
    );
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#transactions.close();
  }

  async #flush(group: readonly MysqlWrite[]): Promise<readonly WriteOutcome[]> {
    this.#groupSize?.observe(group.length);
    const outcomes: WriteOutcome[] = [];
    for (const part of partsOf(group, this.#transactions.maxChars)) outcomes.push(...(await this.#write(part)));
    return outcomes;
  }

  async #write(part: Part): Promise<readonly WriteOutcome[]> {
    const { clock } = this.#database;
    const startedAt = clock.monotonicMs();
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#transact(part);
      } catch (error) {
        if (error instanceof UnknownFate) return this.#failed(part, error.cause);
        const isLate = clock.monotonicMs() - startedAt >= AGAIN_MS;
        if (isLate || !mayHelp(part, error, attempt)) return this.#givenUp(part, error);
        this.#logger.debug({ err: error, attempt, writes: part.length }, 'a group of writes is tried again');
      }
      await this.#database.pause(attempt);
    }
  }

  async #transact(part: Part): Promise<readonly WriteOutcome[]> {
    const [first] = part;
    if (first?.kind !== 'lone') return this.#transactions.runGroup(part as readonly SharedWrite[]);
    first.take(await this.#transactions.runAlone(first.statements));
    this.#database.stats.rowsWritten += first.rows;
    return ['committed'];
  }

  /** Nothing was written. What one write is to blame for must not be paid by its neighbours. */
  async #givenUp(part: Part, error: unknown): Promise<readonly WriteOutcome[]> {
    if (part.length === 1 || isOutage(error)) return this.#failed(part, error);
    const outcomes: WriteOutcome[] = [];
    for (const write of part) outcomes.push(...(await this.#write([write])));
    return outcomes;
  }

  #failed(part: Part, error: unknown): readonly WriteOutcome[] {
    const cause = toFault(error, this.#database.shown);
    const thrown = cause instanceof Error ? cause : new Error(String(cause));
    const isFault = thrown instanceof StoreFault;
    if (isFault) this.#logger.error({ err: thrown, writes: part.length }, 'a commit to the store failed');
    return part.map((write) => (isFault && write.kind !== 'lone' ? 'unknown' : thrown));
  }
}

/** Writes of one transaction: several that share it, or a lone one. */
type Part = readonly MysqlWrite[];

/** Splits a group where a lone write stands in it, and where it would grow beyond `maxChars`. */
function partsOf(group: readonly MysqlWrite[], maxChars: number): Part[] {
  const parts: MysqlWrite[][] = [];
  let part: MysqlWrite[] = [];
  let chars = 0;
  for (const write of group) {
    const own = write.kind === 'lone' ? Infinity : charsOf(write);
    if (part.length > 0 && chars + own > maxChars) {
      parts.push(part);
      part = [];
      chars = 0;
    }
    part.push(write);
    chars += own;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** A row that nobody expected is looked at once more; for a lone write it is the answer. */
function mayHelp(part: Part, error: unknown, attempt: number): boolean {
  if (isOvertaken(error)) return attempt === 0 && part[0]?.kind !== 'lone';
  return isLost(error) || isInTheWay(error) || isRefusedForNow(error);
}
