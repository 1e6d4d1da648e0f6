import { type Clock, noTracer, type Span, type Timer, type Tracer } from '@duramesh/runtime';
import type { CommitResult } from './api/execution-store.ts';

/** What became of one write of a group: its result, or what its caller is to be thrown. */
export type WriteOutcome = CommitResult | Error;

/** How much gathers before a store that is busy. */
export const GROUP_LIMITS = { maxQueued: 20_000, maxGroup: 512 } as const;

/** What a write reads or changes, by names; or all there is. */
export type Touched = readonly string[] | 'everything';

export interface FlightOptions<W> {
  /** Flushes at the same time. A further one begins only with a full group. */
  readonly max: number;
  /** Writes that share a name are never under way at the same time, and keep their order. */
  readonly touchedBy: (write: W) => Touched;
}

/**
 * How a busy store is spared. Where many write at one time, a commit that waits a little for them costs each of them less
 * than it saves the process and the database.
 * @see https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-COMMIT-DELAY the same with `commit_siblings`
 */
export interface Pace {
  /** A flush of so many writes shows that there is company to wait for. Smaller ones make nobody wait. */
  readonly company: number;
  /** Nobody waits longer once so many have gathered. */
  readonly enough: number;
  /** From the beginning of such a flush to the beginning of the next one. */
  readonly ms: number;
}

export interface GroupCommitOptions<W> {
  readonly clock: Clock;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  /** Writes that may wait; further ones are answered `unknown` at once. */
  readonly maxQueued: number;
  /** Writes of one transaction, so that a burst does not hold up everything else. */
  readonly maxGroup: number;
  /** One flush at a time unless given. */
  readonly flights?: FlightOptions<W> | undefined;
  /** Nobody waits for time to pass unless given. */
  readonly pace?: Pace | undefined;
  /** Makes a group durable in one transaction, with an outcome for each write in order. */
  flush(group: readonly W[]): Promise<readonly WriteOutcome[]>;
}

interface Waiting<W> {
  readonly write: W;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: Error) => void;
  /** The step of a trace that waits for it. */
  readonly span: Span | undefined;
  /** Known once it was asked for. */
  touched: Touched | undefined;
}

/** A commit is shared by steps of many traces: how many of them it names. */
const MAX_LINKS = 100;

/**
 * Lets concurrent writes share transactions. Idle: what this turn of the event loop brings is flushed at its end.
 * While a flush is under way: gathers, then flushes what gathered, or, where more than one may be under way, as soon as a
 * full group has. When the last flush was shared there is company to be had: one more turn lets in what the answers to that
 * flush have set off. When it was shared by many, the next one may keep a distance to it; see {@link Pace}.
 */
export class GroupCommit<W> {
  readonly #options: GroupCommitOptions<W>;
  readonly #tracer: Tracer;
  readonly #flights = new Set<readonly Waiting<W>[]>();
  #waiting: Waiting<W>[] = [];
  #isFlushDue = false;
  /** Runs out when the pace allows the next flush. */
  #distance: Timer | undefined;
  #lastSize = 0;
  #lastAtMs = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor(options: GroupCommitOptions<W>) {
    this.#options = options;
    this.#tracer = options.tracer ?? noTracer;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  submit(write: W): Promise<CommitResult> {
    if (this.#isClosed || this.#waiting.length >= this.#options.maxQueued) return Promise.resolve('unknown');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject, span: this.#tracer.active(), touched: undefined });
      this.#flushSoon();
    });
  }

  /** Takes no more writes and resolves when those that wait have their results. */
  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#distance) this.#endDistance();
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  get #isIdle(): boolean {
    return this.#flights.size === 0 && this.#waiting.length === 0;
  }

  get #mayFlush(): boolean {
    const { maxGroup, flights } = this.#options;
    if (this.#flights.size === 0) return this.#waiting.length > 0;
    return this.#flights.size < (flights?.max ?? 1) && this.#waiting.length >= maxGroup;
  }

  #flushSoon(): void {
    if (this.#distance && this.#distanceMs() === 0) return this.#endDistance();
    if (this.#isFlushDue || !this.#mayFlush) return;
    this.#isFlushDue = true;
    const distanceMs = this.#distanceMs();
    if (distanceMs === 0) this.#deferFlush();
    else this.#distance = this.#options.clock.schedule(distanceMs, () => this.#endDistance(), { keepsAlive: true });
  }

  #endDistance(): void {
    this.#distance?.cancel();
    this.#distance = undefined;
    this.#deferFlush();
  }

  #deferFlush(): void {
    const { clock } = this.#options;
    const flush = (): void => void this.#flush();
    clock.defer(this.#lastSize > 1 ? () => clock.defer(flush) : flush);
  }

  /** Whole milliseconds before a flush may begin. */
  #distanceMs(): number {
    const { pace, clock } = this.#options;
    if (!pace || this.#isClosed || this.#lastSize < pace.company || this.#waiting.length >= pace.enough) return 0;
    return Math.max(0, Math.round(this.#lastAtMs + pace.ms - clock.monotonicMs()));
  }

  async #flush(): Promise<void> {
    const group = this.#take();
    this.#isFlushDue = false;
    if (group.length === 0) return;
    this.#lastSize = group.length;
    this.#lastAtMs = this.#options.clock.monotonicMs();
    this.#flights.add(group);
    this.#flushSoon();
    try {
      const outcomes = await (this.#tracer.isOn ? this.#traced(group) : this.#commit(group));
      for (const [i, waiting] of group.entries()) settle(waiting, outcomes[i] ?? 'unknown');
    } catch (error) {
      for (const { reject } of group) reject(error instanceof Error ? error : new Error(String(error)));
    }
    this.#flights.delete(group);
    this.#flushSoon();
    if (this.#isIdle) this.#onIdle?.();
  }

  /** The next group: nothing in it touches what is under way, or what was passed over. */
  #take(): Waiting<W>[] {
    const { maxGroup, flights } = this.#options;
    if (flights === undefined || this.#flights.size === 0) return this.#waiting.splice(0, maxGroup);
    const busy = new Busy(flights);
    for (const group of this.#flights) for (const waiting of group) busy.add(waiting);
    const group: Waiting<W>[] = [];
    const left: Waiting<W>[] = [];
    for (const waiting of this.#waiting) {
      const isTaken = group.length < maxGroup && !busy.has(waiting);
      (isTaken ? group : left).push(waiting);
      if (!isTaken && group.length < maxGroup) busy.add(waiting);
    }
    this.#waiting = left;
    return group;
  }

  #commit(group: readonly Waiting<W>[]): Promise<readonly WriteOutcome[]> {
    return this.#options.flush(group.map(({ write }) => write));
  }

  /** Part of the step that waits longest; that and the others know each other by links. */
  #traced(group: readonly Waiting<W>[]): Promise<readonly WriteOutcome[]> {
    const spans = new Set(group.flatMap(({ span }) => span ?? []));
    const [first, ...others] = spans;
    if (first === undefined) return this.#tracer.run('', { name: 'commit' }, () => this.#commit(group));
    const links = others.slice(0, MAX_LINKS).map(({ traceparent }) => traceparent);
    const start = { name: 'commit', attributes: { 'duramesh.writes': group.length }, links };
    return first.run(start, ({ traceparent }) => {
      for (const other of others) other.link(traceparent);
      return this.#commit(group);
    });
  }
}

function settle(waiting: Waiting<unknown>, outcome: WriteOutcome): void {
  if (outcome instanceof Error) waiting.reject(outcome);
  else waiting.resolve(outcome);
}

/** What writes touch that others have to wait for. */
class Busy<W> {
  readonly #touchedBy: (write: W) => Touched;
  readonly #names = new Set<string>();
  #isEverything = false;

  constructor({ touchedBy }: FlightOptions<W>) {
    this.#touchedBy = touchedBy;
  }

  add(waiting: Waiting<W>): void {
    const touched = this.#touched(waiting);
    if (touched === 'everything') this.#isEverything = true;
    else for (const name of touched) this.#names.add(name);
  }

  has(waiting: Waiting<W>): boolean {
    const touched = this.#touched(waiting);
    return this.#isEverything || touched === 'everything' || touched.some((name) => this.#names.has(name));
  }

  #touched(waiting: Waiting<W>): Touched {
    return (waiting.touched ??= this.#touchedBy(waiting.write));
  }
}
