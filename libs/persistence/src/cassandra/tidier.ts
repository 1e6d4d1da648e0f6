import type { Connection, Statement } from './connect.ts';

/** What waits beyond this is given up: entries that were left behind are looked up by readers and found stale. */
const MAX_WAITING = 20_000;
const MAX_AT_ONCE = 32;

/** Writes what follows commits but that nobody waits for. */
export class Tidier {
  readonly #connection: Connection;
  #waiting: Statement[] = [];
  #running: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(statements: readonly Statement[]): void {
    if (statements.length === 0 || this.#waiting.length + statements.length > MAX_WAITING) return;
    this.#waiting.push(...statements);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const next = this.#waiting.splice(0, MAX_AT_ONCE);
      try {
        await this.#connection.write(next);
      } catch {
        // The store is away, and whoever needs it to come back finds out; what was left behind does no harm.
        this.#waiting = [];
      }
    }
  }
}
