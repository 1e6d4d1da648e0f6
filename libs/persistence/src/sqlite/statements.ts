import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { StoreStats } from '../api/store.ts';

export type SqlValue = SQLInputValue;

/** A prepared statement whose rows are tuples of the selected columns. */
export class Statement<Row extends readonly unknown[] = readonly []> {
  readonly #statement: StatementSync;
  readonly #stats: StoreStats;

  constructor(statement: StatementSync, stats: StoreStats) {
    this.#statement = statement;
    this.#statement.setReturnArrays(true);
    this.#stats = stats;
  }

  get(...parameters: SqlValue[]): Row | undefined {
    this.#stats.statements += 1;
    return this.#statement.get(...parameters) as unknown as Row | undefined;
  }

  all(...parameters: SqlValue[]): Row[] {
    this.#stats.statements += 1;
    return this.#statement.all(...parameters) as unknown as Row[];
  }

  /** @returns the number of rows changed */
  run(...parameters: SqlValue[]): number {
    this.#stats.statements += 1;
    return Number(this.#statement.run(...parameters).changes);
  }

  /** @returns the id of the inserted row */
  insert(...parameters: SqlValue[]): number {
    this.#stats.statements += 1;
    return Number(this.#statement.run(...parameters).lastInsertRowid);
  }
}
