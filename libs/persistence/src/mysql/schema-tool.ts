import type { SchemaStatus, SchemaTool } from '../api/schema.ts';
import { type ConnectOptions, openSession } from './connect.ts';
import { isMissingDatabase, toFault } from './errors.ts';
import { absentDatabase, createDatabase, migrate, schemaStatus } from './schema.ts';
import { configure, identify } from './server.ts';
import type { Session } from './session.ts';

/** Opens a connection for each call: between two of them people think. */
export class MysqlSchemaTool implements SchemaTool {
  readonly #options: ConnectOptions;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  async status(): Promise<SchemaStatus> {
    const { url } = this.#options;
    try {
      return await this.#within(url.database, (session) => schemaStatus(session, url.shown));
    } catch (error) {
      if (isMissingDatabase(error)) return absentDatabase(url.shown);
      throw toFault(error, url.shown);
    }
  }

  async update(onStep: (version: number) => void): Promise<void> {
    const { url } = this.#options;
    const run = (): Promise<void> =>
      this.#within(url.database, (session) => migrate(session, { shown: url.shown, onStep }));
    try {
      await run().catch(async (error: unknown) => {
        if (!isMissingDatabase(error)) throw error;
        await this.#within(undefined, (session) => session.run([createDatabase(url.database)]));
        await run();
      });
    } catch (error) {
      throw toFault(error, url.shown);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #within<T>(database: string | undefined, run: (session: Session) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const url = { ...this.#options.url, statementTimeoutMs: LONG_MS };
    const session = await openSession({ clock, url }, { host: 0, database, manyStatements: false });
    try {
      await configure(session, await identify(session, url.shown), LONG_MS);
      return await run(session);
    } finally {
      session.close();
    }
  }
}

/** Definitions of large tables take their time. */
const LONG_MS = 3_600_000;
