import { Buffer } from 'node:buffer';
import type { Clock } from '@duramesh/runtime';
import { type ConnectionOptions, createConnection, type Connection as Driver } from 'mysql2';
import type { DatabaseHost, DatabaseUrl } from '../database-url.ts';
import { isLost, StatementFailure } from './errors.ts';

/** What a statement came to: the rows of a SELECT as tuples of its columns, nothing for a write. */
export type Answer = readonly unknown[][];

export interface SessionOptions {
  readonly url: DatabaseUrl;
  readonly host: DatabaseHost;
  readonly clock: Clock;
  /** Without one, before it has been created. */
  readonly database: string | undefined;
  /** Whether packets may hold more than one statement. */
  readonly manyStatements: boolean;
}

/** One connection to the server. It does one packet of statements after the other. */
export class Session {
  readonly #driver: Driver;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #isUsable = true;

  private constructor(driver: Driver, { clock, url }: SessionOptions) {
    this.#driver = driver;
    this.#clock = clock;
    this.#timeoutMs = url.statementTimeoutMs;
    driver.on('error', () => (this.#isUsable = false));
    driver.on('end', () => (this.#isUsable = false));
  }

  static connect(options: SessionOptions): Promise<Session> {
    return new Promise((resolve, reject) => {
      const driver = createConnection(driverOptions(options));
      driver.once('error', reject);
      driver.connect((error) => {
        driver.off('error', reject);
        if (error === null) return resolve(new Session(driver, options));
        driver.on('error', () => undefined);
        driver.destroy();
        reject(error);
      });
    });
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Sends the statements as one packet: they are done in their order, up to the first that fails.
   * @throws StatementFailure with the driver's error as its cause
   */
  run(statements: readonly string[]): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      let completed = 0;
      const timer = this.#clock.schedule(this.#timeoutMs, () => {
        this.destroy();
        const error = Object.assign(new Error('no answer in time'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT', fatal: true });
        reject(new StatementFailure(completed, error));
      });
      const query = this.#driver.query({ sql: statements.join(';'), rowsAsArray: true }, (error, results: unknown) => {
        timer.cancel();
        if (error === null) return resolve(answersIn(results, statements.length));
        // The driver adds the whole text, which nobody wants in a log.
        Reflect.deleteProperty(error, 'sql');
        const failure = new StatementFailure(completed, error);
        // A connection that was reset under a statement tells that statement alone.
        if (isLost(failure)) this.destroy();
        reject(failure);
      });
      query.on('fields', () => completed++);
    });
  }

  /** Lets the server know; whoever still waits for an answer gets none. */
  close(): void {
    this.#isUsable = false;
    this.#driver.end();
  }

  destroy(): void {
    this.#isUsable = false;
    this.#driver.destroy();
  }
}

/** The driver wraps the answers in a list only where there are several. */
function answersIn(results: unknown, statements: number): readonly Answer[] {
  const answers = (statements === 1 ? [results] : results) as readonly unknown[];
  return answers.map((answer) => (Array.isArray(answer) ? (answer as unknown[][]) : []));
}

function driverOptions({ url, host, database, manyStatements }: SessionOptions): ConnectionOptions {
  return {
    ...(host.host.startsWith('/') ? { socketPath: host.host } : { host: host.host, port: host.port }),
    ...(url.user !== undefined && { user: url.user }),
    ...(url.password !== undefined && { password: url.password }),
    ...(database !== undefined && { database }),
    ...tlsOptions(url),
    connectTimeout: url.connectTimeoutMs,
    charset: 'UTF8MB4_BIN',
    flags: ['-LOCAL_FILES', '-FOUND_ROWS', '-IGNORE_SPACE', '-ODBC'],
    multipleStatements: manyStatements,
    stringifyObjects: true,
  };
}

function tlsOptions({ tls }: DatabaseUrl): Pick<ConnectionOptions, 'ssl'> {
  if (tls.mode === 'disable') return {};
  return {
    ssl: {
      ...(tls.ca !== undefined && { ca: Buffer.from(tls.ca) }),
      ...(tls.cert !== undefined && { cert: Buffer.from(tls.cert) }),
      ...(tls.key !== undefined && { key: Buffer.from(tls.key) }),
      rejectUnauthorized: tls.mode !== 'require',
      verifyIdentity: tls.mode === 'verify-full',
    },
  };
}
