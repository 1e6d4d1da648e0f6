import type { Clock } from '@duramesh/runtime';
import { StoreFault, type StoreStats } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import type { Sql } from '../sql/sql.ts';
import { isInTheWay, isLost, isRefusedForNow, toFault } from './errors.ts';
import { render, type SqlValue } from './literals.ts';
import { Pool } from './pool.ts';
import { configure, identify, type Server } from './server.ts';
import { Session } from './session.ts';

/** How long a read is tried again while the server is away. */
const READ_AGAIN_MS = 5_000;
const PAUSES_MS = [0, 20, 50, 100, 200];
const LONGEST_PAUSE_MS = 500;

export interface ConnectOptions {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
}

/** One database of a server: connections for reads, and whoever writes opens his own. */
export class Database {
  readonly stats: StoreStats = { commits: 0, statements: 0, rowsWritten: 0, bytesWritten: 0, reads: 0 };
  readonly clock: Clock;
  readonly url: DatabaseUrl;
  readonly server: Server;
  readonly #pool: Pool;
  #host: number;

  private constructor(options: ConnectOptions, server: Server, host: number) {
    this.clock = options.clock;
    this.url = options.url;
    this.server = server;
    this.#host = host;
    this.#pool = new Pool({
      size: options.url.poolSize,
      shown: options.url.shown,
      connect: () => this.connect({ manyStatements: false }),
    });
  }

  /** @throws StoreFault that says what to do about it */
  static async open(options: ConnectOptions): Promise<Database> {
    const { url } = options;
    let first: unknown;
    for (const host of url.hosts.keys()) {
      try {
        const session = await openSession(options, { host, database: url.database, manyStatements: false });
        const server = await identify(session, url.shown).finally(() => session.close());
        return new Database(options, server, host);
      } catch (error) {
        first ??= error;
      }
    }
    throw toFault(first, url.shown);
  }

  get shown(): string {
    return this.url.shown;
  }

  get isOpen(): boolean {
    return !this.#pool.isClosed;
  }

  /** Tries one host after the other, beginning with the one that answered last. */
  async connect({ manyStatements }: { readonly manyStatements: boolean }): Promise<Session> {
    const { hosts, database, statementTimeoutMs } = this.url;
    let first: unknown;
    for (let i = 0; i < hosts.length; i++) {
      const host = (this.#host + i) % hosts.length;
      try {
        const session = await openSession(this, { host, database, manyStatements });
        await configure(session, this.server, statementTimeoutMs);
        this.#host = host;
        return session;
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  /** The host takes no writes any more: another one may, and what this one would be read may be behind. */
  leaveHost(): void {
    this.#host = (this.#host + 1) % this.url.hosts.length;
    this.#pool.renew();
  }

  /** The rows of a query, as tuples of its columns. Reads change nothing, so one that failed is tried again. */
  async read<Row extends readonly unknown[]>(query: Sql<SqlValue>): Promise<readonly Row[]> {
    this.stats.reads += 1;
    const text = render(query);
    const startedAt = this.clock.monotonicMs();
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#pool.use(async (session) => {
          this.stats.statements += 1;
          const [rows = []] = await session.run([text]);
          return rows as unknown as readonly Row[];
        });
      } catch (error) {
        const isWorthIt = isLost(error) || isInTheWay(error) || isRefusedForNow(error);
        if (!isWorthIt || !this.isOpen || this.clock.monotonicMs() - startedAt >= READ_AGAIN_MS) {
          throw toFault(error, this.shown);
        }
      }
      await this.pause(attempt);
    }
  }

  /** Between two tries. */
  async pause(attempt: number): Promise<void> {
    await this.clock.sleep(PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS);
  }

  close(): void {
    this.#pool.close();
  }
}

interface SessionChoice {
  readonly host: number;
  readonly database: string | undefined;
  readonly manyStatements: boolean;
}

/** @throws what the driver throws */
export async function openSession(
  { url, clock }: ConnectOptions,
  { host: index, database, manyStatements }: SessionChoice,
): Promise<Session> {
  const host = url.hosts[index];
  if (host === undefined) throw new StoreFault('unavailable', `the store ${url.shown} has no host ${index}`);
  return Session.connect({ url, host, clock, database, manyStatements });
}
