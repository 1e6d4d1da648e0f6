import type { WriteOutcome } from '../group-commit.ts';
import type { Database } from './connect.ts';
import { isAnswer, isLost, isReadOnly, isRolledBack, StatementFailure } from './errors.ts';
import { Group, type SharedWrite } from './group.ts';
import { packetsOf } from './packets.ts';
import type { Answer, Session } from './session.ts';

/** Ids taken at once: those a process does not use are lost. */
const IDS_PER_BLOCK = 10_000;
/** Of the largest packet, since statements are counted without their ends. */
const PACKET_SHARE = 0.9;
/** Larger packets hold up the server and this process for longer than they save. */
const LARGEST_PACKET = 8 * 1024 * 1024;

/** The server was asked to commit, and nobody can say whether it did. */
export class UnknownFate extends Error {
  override readonly name = 'UnknownFate';

  constructor(cause: unknown) {
    super('the answer to a commit was lost', { cause });
  }
}

/**
 * Transactions on the one connection that writes, one after the other. Two packets are one: the first locks and reads what
 * the writes depend on, the second writes and commits. Its connection allows several statements in a packet, and their
 * values are hexadecimal digits and numbers only.
 */
export class Transactions {
  readonly #database: Database;
  readonly #maxChars: number;
  #session: Session | undefined;
  #nextId = 0;
  #idsEnd = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#maxChars = Math.floor(Math.min(database.server.maxPacketBytes * PACKET_SHARE, LARGEST_PACKET));
  }

  /** What the statements of one transaction should not exceed. */
  get maxChars(): number {
    return this.#maxChars;
  }

  /** @throws UnknownFate, or anything else when nothing was written */
  runGroup(writes: readonly SharedWrite[]): Promise<readonly WriteOutcome[]> {
    return this.#transact(async (session) => {
      const group = new Group(writes);
      group.questions.answer(await this.#run(session, group.questions.statements));
      const outcomes = group.decide();
      await this.#takeIds(group.newRuns);
      const statements = group.statements(() => this.#nextId++, this.#maxChars);
      await this.#commit(session, statements);
      if (statements.length > 0) this.#note(group.volume);
      return outcomes;
    });
  }

  /** @throws UnknownFate, or anything else when nothing was written */
  runAlone(statements: readonly string[]): Promise<readonly Answer[]> {
    return this.#transact(async (session) => {
      const answers = await this.#commit(session, statements);
      this.#note({ rows: 0, bytes: 0 });
      return answers;
    });
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #transact<T>(run: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#open();
    try {
      return await run(session);
    } catch (error) {
      if (isReadOnly(error)) this.#database.leaveHost();
      if (error instanceof UnknownFate || isLost(error) || isReadOnly(error)) session.destroy();
      else await this.#rollBack(session);
      throw error;
    }
  }

  async #open(): Promise<Session> {
    if (this.#session?.isUsable === true) return this.#session;
    const session = await this.#database.connect({ manyStatements: true });
    try {
      await session.run(['SET SESSION autocommit = 0']);
    } catch (error) {
      session.destroy();
      throw error;
    }
    this.#session = session;
    return session;
  }

  /** The ids are committed apart: a rollback must not give them out again. */
  async #takeIds(count: number): Promise<void> {
    if (this.#nextId + count <= this.#idsEnd) return;
    const size = Math.max(IDS_PER_BLOCK, count);
    const other = await this.#database.connect({ manyStatements: false });
    try {
      await other.run([`UPDATE id_blocks SET next_id = LAST_INSERT_ID(next_id) + ${size} WHERE name = 'executions'`]);
      const [[row] = []] = await other.run(['SELECT LAST_INSERT_ID()']);
      this.#nextId = Number(row?.[0]);
      this.#idsEnd = this.#nextId + size;
    } finally {
      other.close();
    }
  }

  /** @returns the answers to the statements */
  async #commit(session: Session, statements: readonly string[]): Promise<readonly Answer[]> {
    const packets = packetsOf([...statements, 'COMMIT'], this.#maxChars);
    const answers: Answer[] = [];
    for (const [i, packet] of packets.entries()) {
      try {
        answers.push(...(await this.#run(session, packet)));
      } catch (error) {
        if (i === packets.length - 1 && isFateOpen(error, packet.length - 1)) throw new UnknownFate(error);
        throw error;
      }
    }
    return answers;
  }

  #run(session: Session, statements: readonly string[]): Promise<readonly Answer[]> {
    this.#database.stats.statements += statements.length;
    return session.run(statements);
  }

  async #rollBack(session: Session): Promise<void> {
    try {
      await session.run(['ROLLBACK']);
    } catch {
      session.destroy();
    }
  }

  #note({ rows, bytes }: { readonly rows: number; readonly bytes: number }): void {
    const { stats } = this.#database;
    stats.commits += 1;
    stats.rowsWritten += rows;
    stats.bytesWritten += bytes;
  }
}

/** An answer that a statement before the COMMIT has failed closes the matter. Silence does not. */
function isFateOpen(error: unknown, commitIndex: number): boolean {
  if (!(error instanceof StatementFailure) || !isAnswer(error)) return true;
  return error.completed >= commitIndex && !isRolledBack(error);
}
