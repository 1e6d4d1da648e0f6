import type { Clock, Logger, Random } from '@duramesh/runtime';
import pg from 'pg';
import type { SchemaStatus, SchemaTool } from '../api/schema.ts';
import { StoreFault } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import { clientConfig, Connections } from './connect.ts';
import { isDatabaseMissing, toFault } from './errors.ts';
import { migrations, SCHEMA_VERSION, statusOf, VERSION_TABLE } from './schema.ts';
import { readStatus } from './server-check.ts';

/** Any number that other programs do not choose: who updates the schema of a database has this lock. */
const LOCK = 0x44555241;
const LOCK_TIMEOUT_MS = 60_000;
/** Where a user can always connect to in order to create another database. */
const MAINTENANCE_DATABASE = 'postgres';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface PostgresSchemaToolOptions {
  readonly url: DatabaseUrl;
  readonly clock: Clock;
  readonly random: Random;
}

export class PostgresSchemaTool implements SchemaTool {
  readonly #url: DatabaseUrl;
  readonly #connections: Connections;

  constructor(options: PostgresSchemaToolOptions) {
    this.#url = options.url;
    this.#connections = new Connections({ ...options, logger: silent });
  }

  async status(): Promise<SchemaStatus> {
    try {
      return await readStatus(this.#connections);
    } catch (error) {
      if (error instanceof StoreFault && isDatabaseMissing(error.cause)) {
        return statusOf({ shown: this.#url.shown, tables: [], version: undefined });
      }
      throw error;
    }
  }

  async update(onStep: (version: number) => void): Promise<void> {
    await this.#createDatabase();
    await this.#withClient(this.#url.database, async (client) => {
      await client.query(`SELECT pg_advisory_lock(${LOCK})`);
      const { state, version, advice } = await this.status();
      if (state === 'newer' || state === 'damaged' || state === 'foreign') throw new StoreFault('schema', advice);
      await client.query(FIRST);
      for (let next = version + 1; next <= SCHEMA_VERSION; next++) {
        // Seen if this step is cut short. The step itself is one transaction.
        await client.query(`UPDATE ${VERSION_TABLE} SET begun = ${next}`);
        await client.query(`BEGIN; ${migrations[next - 1]}; UPDATE ${VERSION_TABLE} SET version = ${next}; COMMIT`);
        onStep(next);
      }
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #createDatabase(): Promise<void> {
    try {
      await this.#withClient(this.#url.database, async () => {});
    } catch (error) {
      if (!(error instanceof StoreFault && isDatabaseMissing(error.cause))) throw error;
      await this.#withClient(MAINTENANCE_DATABASE, async (client) => {
        await client.query(
          `CREATE DATABASE ${client.escapeIdentifier(this.#url.database)} ENCODING 'UTF8' TEMPLATE template0`,
        );
      });
    }
  }

  async #withClient<T>(database: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const config = { ...clientConfig(this.#url), database, statement_timeout: false, query_timeout: 0 } as const;
    const client = new pg.Client({ ...config, lock_timeout: LOCK_TIMEOUT_MS });
    client.on('error', () => {});
    try {
      await client.connect();
      return await use(client);
    } catch (error) {
      throw toFault(error, this.#url.shown);
    } finally {
      await client.end();
    }
  }
}

const FIRST = `
  CREATE TABLE IF NOT EXISTS ${VERSION_TABLE} (
    id int4 PRIMARY KEY CHECK (id = 1), version int4 NOT NULL, begun int4 NOT NULL);
  INSERT INTO ${VERSION_TABLE} (id, version, begun) VALUES (1, 0, 0) ON CONFLICT DO NOTHING`;
