import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SchemaStatus, SchemaTool } from '../api/schema.ts';
import { toFault } from './errors.ts';
import { migrate, schemaStatus } from './schema.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** A server does the same when it opens a file; this is for looking first. */
export class SqliteSchemaTool implements SchemaTool {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that is not there stays so. */
  async status(): Promise<SchemaStatus> {
    if (!existsSync(this.#path)) return this.#use(':memory:', (database) => schemaStatus(database, this.#path));
    return this.#use(this.#path, (database) => schemaStatus(database, this.#path), true);
  }

  async update(onStep: (version: number) => void): Promise<void> {
    this.#use(this.#path, (database) => migrate(database, { path: this.#path, onStep }));
  }

  async close(): Promise<void> {}

  #use<T>(path: string, run: (database: DatabaseSync) => T, readOnly = false): T {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly });
      return run(database);
    } catch (error) {
      throw toFault(error, this.#path);
    } finally {
      database?.close();
    }
  }
}
