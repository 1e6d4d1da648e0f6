import { checkServerIdentity } from 'node:tls';
import type { Clock, Logger, Random } from '@duramesh/runtime';
import pg from 'pg';
import { StoreFault, type StoreStats } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import { rowTypes } from './values.ts';
import { isTransient, isUndone, toFault } from './errors.ts';
import type { Statement } from './statements.ts';

/** For so long an operation is tried again before the database counts as away. */
const RETRY_WITHIN_MS = 5_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
/** The server ends a statement that takes too long; one that does not answer at all is given up so much later. */
const ANSWER_GRACE_MS = 5_000;
/** A lock is held for as long as one statement takes. */
const LOCK_TIMEOUT_MS = 3_000;
/** The second is opened only when a full group waits while another is being written. */
export const WRITE_CONNECTIONS = 2;
const IDLE_CONNECTION_MS = 300_000;

/** Compiling plans to machine code costs more than such statements. */
const SESSION = '-c jit=off';
/**
 * Statements by key find their rows by the index they were written for, whatever the statistics of a new table say, and are
 * planned once: planning anew costs several times as much as to execute one.
 */
const BY_KEY =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan';
/** Of the connections, for lists and counts: they may take long, and must not keep others waiting. */
const SHARE_OF_SCANS = 0.25;

export interface ConnectionsOptions {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export type Value = string | number | boolean | Buffer | null;

/** A write that may have happened: its answer did not come. */
export class FateUnknown extends Error {
  override readonly name = 'FateUnknown';
}

/** The connections of a process to one database. Writes have their own, so that no read keeps them waiting. */
export class Connections {
  readonly stats: StoreStats = { commits: 0, statements: 0, rowsWritten: 0, bytesWritten: 0, reads: 0 };
  readonly clock: Clock;
  /** The database for people. */
  readonly shown: string;
  readonly #random: Random;
  readonly #writes: pg.Pool;
  readonly #reads: pg.Pool;
  readonly #scans: pg.Pool;
  #isClosed = false;

  constructor({ url, clock, random, logger }: ConnectionsOptions) {
    this.clock = clock;
    this.#random = random;
    this.shown = url.shown;
    const pool = (max: number, settings: string): pg.Pool => {
      const options = `${SESSION} ${settings}`;
      const bounds = { max: Math.max(1, max), idleTimeoutMillis: IDLE_CONNECTION_MS, allowExitOnIdle: true };
      const made = new pg.Pool({ ...clientConfig(url), ...bounds, options });
      const onBroken = (error: Error): void => logger.debug({ err: error }, 'a connection to the database broke');
      // One that breaks in use fails its statement, an idle one is replaced when it is needed.
      made.on('connect', (client) => client.on('error', onBroken)).on('error', onBroken);
      return made;
    };
    const scans = Math.max(1, Math.floor(url.poolSize * SHARE_OF_SCANS));
    this.#writes = pool(WRITE_CONNECTIONS, BY_KEY);
    this.#reads = pool(url.poolSize - WRITE_CONNECTIONS - scans, BY_KEY);
    this.#scans = pool(scans, '');
  }

  /** Reads rows by key. @throws StoreFault */
  read<Row extends readonly unknown[]>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]> {
    return this.#readFrom(this.#reads, statement, values);
  }

  /** Reads what takes a plan of its own: lists, counts, looks at everything. @throws StoreFault */
  scan<Row extends readonly unknown[]>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]> {
    return this.#readFrom(this.#scans, statement, values);
  }

  /**
   * One statement is one transaction. It is sent again only while it is certain that nothing was written.
   * @throws FateUnknown; StoreFault or what the server said when nothing was written
   */
  async write<Row extends readonly unknown[]>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]> {
    return this.#retrying(isTransient, async () => {
      const rows = await this.#attempt(this.#writes, statement, values);
      this.stats.commits += 1;
      return rows;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([this.#writes, this.#reads, this.#scans].map((pool) => pool.end()));
  }

  /** Tried again also when the connection breaks: it changes nothing. */
  async #readFrom<Row extends readonly unknown[]>(
    pool: pg.Pool,
    statement: Statement<Row>,
    values: readonly Value[],
  ): Promise<Row[]> {
    this.stats.reads += 1;
    const helps = (error: unknown): boolean =>
      isTransient(error) || (error instanceof FateUnknown && error.cause instanceof StoreFault);
    try {
      return await this.#retrying(helps, () => this.#attempt(pool, statement, values));
    } catch (error) {
      throw error instanceof FateUnknown ? error.cause : toFault(error, this.shown);
    }
  }

  async #retrying<T>(helps: (error: unknown) => boolean, run: () => Promise<T>): Promise<T> {
    const startedAt = this.clock.monotonicMs();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (this.#isClosed) throw new StoreFault('unavailable', `the store ${this.shown} was closed`);
      try {
        return await run();
      } catch (error) {
        const isWorthwhile = helps(error) || error instanceof NotConnected;
        const isLate = this.clock.monotonicMs() - startedAt >= RETRY_WITHIN_MS;
        if (!isWorthwhile || isLate || !mayPass(error)) throw this.#thrown(error);
      }
      await this.clock.sleep(pauseMs * (0.5 + this.#random.next()));
    }
  }

  #thrown(error: unknown): unknown {
    if (error instanceof NotConnected) return error.cause;
    return error instanceof FateUnknown || isUndone(error) ? error : toFault(error, this.shown);
  }

  async #attempt<Row extends readonly unknown[]>(
    pool: pg.Pool,
    { name, text }: Statement<Row>,
    values: readonly Value[],
  ): Promise<Row[]> {
    const client = await pool.connect().catch((error: unknown) => {
      throw new NotConnected(toFault(error, this.shown));
    });
    this.stats.statements += 1;
    const named = name === '' ? {} : { name };
    const query = { ...named, text, values: [...values], rowMode: 'array' } as const;
    try {
      const { rows } = await client.query<Row>(query);
      client.release();
      return rows;
    } catch (error) {
      client.release(!isUndone(error));
      if (isUndone(error)) throw error;
      throw new FateUnknown('the answer did not come', { cause: toFault(error, this.shown) });
    }
  }
}

/** Nothing was sent. */
class NotConnected extends Error {
  constructor(cause: unknown) {
    super('not connected', { cause });
  }
}

/** A wrong password stays wrong. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof NotConnected && error.cause instanceof StoreFault && error.cause.code !== 'unavailable');

/** What both the store and the schema tool connect with. */
export function clientConfig(url: DatabaseUrl): pg.ClientConfig {
  const [{ host, port }] = url.hosts;
  return {
    host,
    port,
    database: url.database,
    ...(url.user !== undefined && { user: url.user }),
    ...(url.password !== undefined && { password: url.password }),
    ssl: tlsOf(url.tls, host),
    application_name: 'duramesh',
    connectionTimeoutMillis: url.connectTimeoutMs,
    statement_timeout: url.statementTimeoutMs,
    lock_timeout: Math.min(LOCK_TIMEOUT_MS, url.statementTimeoutMs / 2),
    query_timeout: url.statementTimeoutMs + ANSWER_GRACE_MS,
    keepAlive: true,
    types: rowTypes,
  };
}

function tlsOf({ mode, ...files }: DatabaseUrl['tls'], host: string): pg.ClientConfig['ssl'] {
  if (mode === 'disable') return false;
  if (mode === 'require') return { ...files, rejectUnauthorized: false };
  if (mode === 'verify-ca') return { ...files, checkServerIdentity: () => undefined };
  // The driver names the host to the server only where it is no address.
  return { ...files, checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) };
}
