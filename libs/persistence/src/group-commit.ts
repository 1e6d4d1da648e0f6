import { type Clock, noTracer, type Span, type Tracer } from '@duramesh/runtime';
import type { CommitResult } from './api/execution-store.ts';

/** What became of one write of a group: its result, or what its caller is to be thrown. */
export type WriteOutcome = CommitResult | Error;

/** How much gathers before a store that is busy. */
export const GROUP_LIMITS = { maxQueued: 20_000, maxGroup: 512 } as const;

export interface GroupCommitOptions<W> {
  readonly clock: Clock;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  /** Writes that may wait; further ones are answered `unknown` at once. */
  readonly maxQueued: number;
  /** Writes of one transaction, so that a burst does not hold up everything else. */
  readonly maxGroup: number;
  /** Makes a group durable in one transaction, with an outcome for each write in order. */
  flush(group: readonly W[]): Promise<readonly WriteOutcome[]>;
}

interface Waiting<W> {
  readonly write: W;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: Error) => void;
  /** The step of a trace that waits for it. */
  readonly span: Span | undefined;
}

/** A commit is shared by steps of many traces: how many of them it names. */
const MAX_LINKS = 100;

/**
 * Lets concurrent writes share transactions. Idle: what this turn of the event loop brings is flushed at its end.
 * While a flush is under way: gathers, then flushes what gathered. When the last flush was shared there is company to be
 * had: one more turn lets in what the answers to that flush have set off. It never waits for time to pass.
 */
export class GroupCommit<W> {
  readonly #options: GroupCommitOptions<W>;
  readonly #tracer: Tracer;
  #waiting: Waiting<W>[] = [];
  #isFlushing = false;
  #wasShared = false;
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
      this.#waiting.push({ write, resolve, reject, span: this.#tracer.active() });
      if (!this.#isFlushing) this.#flushSoon();
    });
  }

  /** Takes no more writes and resolves when those that wait have their results. */
  close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#isFlushing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #flushSoon(): void {
    const { clock } = this.#options;
    const flush = (): void => void this.#flush();
    this.#isFlushing = true;
    clock.defer(this.#wasShared ? () => clock.defer(flush) : flush);
  }

  async #flush(): Promise<void> {
    const { maxGroup } = this.#options;
    const group = this.#waiting;
    this.#waiting = group.length > maxGroup ? group.splice(maxGroup) : [];
    this.#wasShared = group.length > 1;
    try {
      const outcomes = await (this.#tracer.isOn ? this.#traced(group) : this.#commit(group));
      for (const [i, waiting] of group.entries()) settle(waiting, outcomes[i] ?? 'unknown');
    } catch (error) {
      for (const { reject } of group) reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#waiting.length > 0) return this.#flushSoon();
    this.#isFlushing = false;
    this.#onIdle?.();
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
