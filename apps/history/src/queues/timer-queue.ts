import { ServiceError } from '@duramesh/contracts';
import type { Timer } from '@duramesh/runtime';
import type { HistoryDeps } from '../deps.ts';
import { runKeyOf } from '../shard/run-cache.ts';
import { type DueEntry, DueHeap } from './due-heap.ts';
import type { Resident, Residents } from './resident.ts';

/** How far the store is read ahead. One query per window serves all shards of the process. */
const WINDOW_MS = 15_000;
/** Due runs taken from the store at once. */
const PAGE = 1_000;
/** Runs woken at one time. */
const CONCURRENCY = 64;
const RETRY_MS = 1_000;
const NOT_FOUND = 5;

/**
 * Wakes runs and entities when something of theirs is due. The store is asked once per window for all shards together; what becomes
 * due within the window later on is heard from changes. Runs that sleep longer cost nothing.
 */
export class TimerQueue {
  readonly #deps: HistoryDeps;
  readonly #residents: Residents;
  readonly #ownedShards: () => readonly number[];
  readonly #heap = new DueHeap();
  /** The moment each run in the heap is meant to wake; older entries of it are void. */
  readonly #wanted = new Map<string, number>();
  /** Runs due until then are in the heap. */
  #windowEndMs = 0;
  #nextReadMs = 0;
  #reading = false;
  #readAgain = false;
  #running = 0;
  #timer: { readonly timer: Timer; readonly atMs: number } | undefined;
  #stopped = false;

  constructor(deps: HistoryDeps, residents: Residents, ownedShards: () => readonly number[]) {
    this.#deps = deps;
    this.#residents = residents;
    this.#ownedShards = ownedShards;
  }

  /** After each change. What is stored is read again later on; what is in memory only is not. */
  changed({ key, shard, wakeAtMs, isStored }: Omit<Resident, 'tasks'>): void {
    const id = runKeyOf(key);
    if (wakeAtMs === 0 || (isStored && wakeAtMs > this.#windowEndMs)) {
      this.#wanted.delete(id);
      return;
    }
    if (this.#wanted.get(id) === wakeAtMs) return;
    this.#insert({ key, shard, atMs: wakeAtMs });
    this.#arm();
  }

  /** New shards were acquired: what is due there must be read. */
  shardsAcquired(): void {
    void this.#read();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.timer.cancel();
  }

  get depth(): number {
    return this.#wanted.size;
  }

  /** What is due until then is in memory. */
  get lookAheadUntilMs(): number {
    return this.#windowEndMs;
  }

  /** How long the run that is due first should have been awake. */
  lagMs(nowMs: number): number {
    const first = this.#heap.peek();
    return first && this.#wanted.get(runKeyOf(first.key)) === first.atMs ? Math.max(nowMs - first.atMs, 0) : 0;
  }

  #insert(entry: DueEntry): void {
    this.#wanted.set(runKeyOf(entry.key), entry.atMs);
    this.#heap.push(entry);
  }

  #arm(): void {
    if (this.#stopped) return;
    // What is under way arms the timer again when it ends.
    const dueMs = this.#running < CONCURRENCY ? this.#heap.peek()?.atMs : undefined;
    const atMs = Math.min(dueMs ?? Infinity, this.#reading ? Infinity : this.#nextReadMs);
    if (atMs === Infinity) return;
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.timer.cancel();
    const delayMs = atMs - this.#deps.clock.now();
    this.#timer = { atMs, timer: this.#deps.clock.schedule(delayMs, () => this.#tick()) };
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#stopped) return;
    const now = this.#deps.clock.now();
    for (let top = this.#heap.peek(); top && top.atMs <= now && this.#running < CONCURRENCY; top = this.#heap.peek()) {
      this.#heap.pop();
      const id = runKeyOf(top.key);
      if (this.#wanted.get(id) !== top.atMs) continue;
      this.#wanted.delete(id);
      void this.#wake(top);
    }
    if (now >= this.#nextReadMs && !this.#reading) void this.#read();
    this.#arm();
  }

  async #wake(entry: DueEntry): Promise<void> {
    if (!this.#residents.owns(entry.shard)) return;
    this.#running += 1;
    try {
      await this.#residents.wake(entry.key);
    } catch (error) {
      this.#again(entry, error);
    } finally {
      this.#running -= 1;
      this.#arm();
    }
  }

  #again(entry: DueEntry, error: unknown): void {
    if (error instanceof ServiceError && error.code === NOT_FOUND) return;
    if (!this.#residents.owns(entry.shard)) return;
    this.#deps.logger.warn({ error, ...entry.key }, 'a due run could not be woken; it will be tried again');
    const atMs = this.#deps.clock.now() + RETRY_MS;
    if (!this.#wanted.has(runKeyOf(entry.key))) this.#insert({ ...entry, atMs });
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#reading = true;
    this.#readAgain = false;
    const { clock, logger } = this.#deps;
    const untilMs = clock.now() + WINDOW_MS;
    // Moved before the store is asked: a commit that the answer misses puts itself into the heap.
    this.#windowEndMs = Math.max(this.#windowEndMs, untilMs);
    this.#nextReadMs = untilMs - WINDOW_MS / 3;
    try {
      await this.#readUntil(untilMs);
    } catch (error) {
      logger.warn({ error }, 'due runs could not be read; trying again');
      this.#nextReadMs = clock.now() + RETRY_MS;
    }
    this.#reading = false;
    if (this.#readAgain) return this.#read();
    this.#arm();
  }

  async #readUntil(untilMs: number): Promise<void> {
    const shards = this.#ownedShards();
    if (shards.length === 0) return;
    const due = await this.#deps.store.executions.readDue(shards, untilMs, PAGE);
    for (const { key, partition, wakeAtMs } of due) {
      if (!this.#wanted.has(runKeyOf(key))) this.#insert({ key, shard: partition, atMs: wakeAtMs });
    }
    const last = due.at(-1);
    if (due.length < PAGE || !last) return;
    // There is more than one page: go on once these have been woken.
    this.#windowEndMs = last.wakeAtMs;
    this.#nextReadMs = Math.max(this.#deps.clock.now() + 50, Math.min(this.#nextReadMs, last.wakeAtMs));
  }
}
