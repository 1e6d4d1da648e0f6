import type { Clock } from '@duramesh/runtime';
import { StoreFault, type StoreStats } from '../api/store.ts';
import type { MemoryStoreFaults, StoreRead, StoreWrite } from './faults.ts';

/** The way from one store handle to the database: where latency, lost replies and outages happen. */
export class Link {
  readonly stats: StoreStats = { commits: 0, statements: 0, rowsWritten: 0, bytesWritten: 0, reads: 0 };
  readonly #clock: Clock;
  readonly #faults: MemoryStoreFaults;
  #isClosed = false;

  constructor(clock: Clock, faults: MemoryStoreFaults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  close(): void {
    this.#isClosed = true;
  }

  async read<T>(operation: StoreRead, run: () => T): Promise<T> {
    await this.#travel(operation);
    if (this.#isCut()) throw this.#fault();
    this.stats.reads += 1;
    return this.#answer(operation, run());
  }

  /** The conditions of a write are checked when it lands, which may be after its caller gave up on it. */
  async write<R>(operation: StoreWrite, land: () => R): Promise<R | 'unknown'> {
    await this.#travel(operation);
    if (this.#isCut()) return 'unknown';
    const fate = this.#faults.fate(operation);
    if (fate === 'answered') return this.#answer(operation, this.#land(land));
    if (fate.landsAfterMs === 0) this.#land(land);
    else if (fate.landsAfterMs !== undefined) this.#clock.schedule(fate.landsAfterMs, () => void this.#land(land));
    return 'unknown';
  }

  /** For writes whose callers know no outcome but success: a lost reply is a fault. */
  async writeOrThrow<R extends object>(operation: StoreWrite, land: () => R): Promise<R> {
    const result = await this.write(operation, land);
    if (result === 'unknown') throw this.#fault();
    return result;
  }

  /** Measures what a landing write stores. */
  noteRows(rows: number, bytes: number): void {
    this.stats.rowsWritten += rows;
    this.stats.bytesWritten += bytes;
  }

  async #travel(operation: StoreRead | StoreWrite): Promise<void> {
    this.stats.statements += 1;
    const latencyMs = this.#faults.latencyMs(operation);
    if (latencyMs > 0) await this.#clock.sleep(latencyMs);
  }

  /** In the same turn, unless it is held up. */
  #answer<R>(operation: StoreRead | StoreWrite, answer: R): R | Promise<R> {
    const latencyMs = this.#faults.answerLatencyMs(operation);
    return latencyMs > 0 ? this.#clock.sleep(latencyMs).then(() => answer) : answer;
  }

  #land<R>(land: () => R): R {
    this.stats.commits += 1;
    return land();
  }

  #isCut(): boolean {
    return this.#isClosed || this.#faults.isDown();
  }

  #fault(): StoreFault {
    const reason = this.#isClosed ? 'it was closed' : 'it does not answer';
    return new StoreFault('unavailable', `the store in memory cannot be used: ${reason}`);
  }
}
