import type { Logger } from '@duramesh/runtime';
import type { CommitResult } from '../api/execution-store.ts';
import { StoreFault } from '../api/store.ts';
import type { WriteOutcome } from '../group-commit.ts';
import type { BatchResult, Connection, Statement } from './connect.ts';
import type { LaneWrite, PreparedWrite } from './lane-write.ts';
import type { Stamp } from './stamp.ts';
import type { LaneStatements, RangeRow } from './statements.ts';
import type { Tidier } from './tidier.ts';

/** A refused batch goes out again without those that were in its way. */
const MAX_ATTEMPTS = 4;
const UNSENT_PAUSE_MS = 50;
/** Half a segment of the commit log as servers are configured, less what the batch has around it. */
const MAX_WRITE_BYTES = 15_000_000;

export interface RoundOptions {
  readonly partition: number;
  readonly rangeId: number;
  readonly stamp: Stamp;
  readonly statements: LaneStatements;
  readonly connection: Connection;
  readonly tidier: Tidier;
  readonly logger: Logger;
}

interface Member {
  readonly write: LaneWrite;
  readonly prepared: PreparedWrite;
}

/**
 * Brings some writes to one partition through one conditional batch: what lies beside the partition first, then the batch
 * under the lease, then an outcome for each, so that one that is refused never fails its neighbours.
 */
export class Round {
  readonly #options: RoundOptions;
  readonly #outcomes = new Map<LaneWrite, WriteOutcome>();

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  async run(writes: readonly LaneWrite[]): Promise<ReadonlyMap<LaneWrite, WriteOutcome>> {
    const members = (await Promise.all(writes.map((write) => this.#prepare(write)))).flat();
    await this.#confirmConflicts();
    const open = members.filter(({ write }) => !this.#outcomes.has(write));
    if (open.length > 0) await this.#store(open);
    return this.#outcomes;
  }

  async #prepare(write: LaneWrite): Promise<Member[]> {
    if (write.sizeBytes > MAX_WRITE_BYTES) {
      const text = `the state of ${write.subject.split('\0').join('/')} is too large for Cassandra: ${write.sizeBytes} bytes in one transition`;
      this.#outcomes.set(write, new StoreFault('full', text));
      return [];
    }
    try {
      const prepared = await write.prepare(this.#options.stamp);
      if (prepared !== 'conflict') return [{ write, prepared }];
      this.#outcomes.set(write, 'conflict');
    } catch (error) {
      this.#outcomes.set(write, this.#failed(error));
    }
    return [];
  }

  /** What memory refuses is a conflict only under a lease that is still ours. */
  async #confirmConflicts(): Promise<void> {
    const refused = [...this.#outcomes].flatMap(([write, outcome]) => (outcome === 'conflict' ? [write] : []));
    if (refused.length === 0) return;
    const rangeId = await this.#storedRange().catch((error: unknown) => this.#failed(error));
    if (rangeId === this.#options.rangeId) return;
    for (const write of refused) this.#outcomes.set(write, typeof rangeId === 'number' ? 'fenced' : rangeId);
  }

  async #store(members: readonly Member[]): Promise<void> {
    const { connection } = this.#options;
    try {
      await connection.write(members.flatMap(({ prepared }) => prepared.ahead));
      await this.#send(members);
    } catch (error) {
      this.#drop(members, this.#failed(error), 'not stored');
    }
  }

  async #send(members: readonly Member[]): Promise<void> {
    let waiting = members;
    for (let attempt = 1; waiting.length > 0; attempt++) {
      const result = await this.#batch(waiting);
      if (result === 'applied') return this.#commit(waiting);
      if (result === 'lost') return this.#resolve(waiting);
      if (attempt === MAX_ATTEMPTS) return this.#drop(waiting, 'unknown', 'not stored');
      if (result === 'unsent') await this.#options.connection.clock.sleep(UNSENT_PAUSE_MS * attempt);
      else waiting = await this.#withoutConflicts(waiting);
    }
  }

  #batch(members: readonly Member[]): Promise<BatchResult> {
    const { statements, partition, rangeId, stamp, connection } = this.#options;
    const batch: Statement[] = [statements.fence({ partition, rangeId, stamp })];
    for (const { prepared } of members) batch.push(...prepared.batch);
    return connection.conditional(batch);
  }

  /** A refused batch tells one row that was in its way: who else was is read. */
  async #withoutConflicts(members: readonly Member[]): Promise<readonly Member[]> {
    if ((await this.#storedRange()) !== this.#options.rangeId) {
      this.#drop(members, 'fenced', 'not stored');
      return [];
    }
    const holding = await Promise.all(members.map(({ prepared }) => prepared.holds()));
    const inTheWay = members.filter((_, i) => holding[i] === false);
    this.#drop(inTheWay, 'conflict', 'not stored');
    return members.filter((_, i) => holding[i] === true);
  }

  /**
   * The reply was lost. A read that takes part in the same order as batches tells whether it was stored; that it was not
   * is not proven by that, since its coordinator may still try.
   */
  async #resolve(members: readonly Member[]): Promise<void> {
    const { stamp, logger, partition } = this.#options;
    const row = await this.#readRange().catch(() => undefined);
    if (row?.batch_stamp === stamp) return this.#commit(members);
    logger.warn({ partition, writes: members.length }, 'the outcome of a commit to the store is not known');
    this.#drop(members, 'unknown', 'open');
  }

  #commit(members: readonly Member[]): void {
    const { tidier, connection } = this.#options;
    for (const { write, prepared } of members) {
      this.#outcomes.set(write, 'committed');
      tidier.add(prepared.committed());
      connection.stats.rowsWritten += prepared.ahead.length + prepared.batch.length;
      connection.stats.bytesWritten += write.sizeBytes;
    }
  }

  #drop(members: readonly Member[], outcome: CommitResult | Error, fate: 'not stored' | 'open'): void {
    for (const { write, prepared } of members) {
      this.#outcomes.set(write, outcome);
      const remains = prepared.dropped();
      if (fate === 'not stored') this.#options.tidier.add(remains);
    }
  }

  async #storedRange(): Promise<number> {
    return Number((await this.#readRange())?.range_id ?? 0);
  }

  async #readRange(): Promise<RangeRow | undefined> {
    const { connection, statements, partition } = this.#options;
    const [row] = await connection.readSerial<RangeRow>(statements.range(partition));
    return row;
  }

  /** What the world did leaves a write unknown to its owner, who then takes a new lease; what we did is thrown. */
  #failed(error: unknown): 'unknown' | Error {
    if (error instanceof StoreFault && error.code === 'unavailable') {
      this.#options.logger.warn({ err: error, partition: this.#options.partition }, 'a commit to the store failed');
      return 'unknown';
    }
    return error instanceof Error ? error : new Error(String(error));
  }
}
