import type { ExecutionKey } from '@duramesh/persistence';
import type { Clock } from '@duramesh/runtime';
import { type CachedRun, runKeyOf } from '../shard/run-cache.ts';

/** Why a wait has ended: the run has changed, or there is nothing more to wait for. */
export type Woken = 'changed' | 'over';

type Wake = (woken: Woken) => void;
type Wish = (run: CachedRun) => boolean;

interface Waiter {
  readonly wake: Wake;
  readonly wish?: Wish | undefined;
}

export interface Wait {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** What the run has to be for the wait to end. Without it every change ends the wait. */
  readonly wish?: Wish;
}

export interface Listening {
  readonly done: Promise<Woken>;
  stop(): void;
}

/** Those who wait, by something they share. A key nobody waits under costs nothing. */
class Waiting<Key> {
  readonly #waiters = new Map<Key, Set<Waiter>>();

  add(key: Key, waiter: Waiter): void {
    const waiters = this.#waiters.get(key);
    if (waiters) waiters.add(waiter);
    else this.#waiters.set(key, new Set([waiter]));
  }

  delete(key: Key, waiter: Waiter): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(key);
  }

  /** Those that wish for something else than this run wait on. */
  wake(key: Key, woken: Woken, run?: CachedRun): void {
    const waiters = this.#waiters.get(key);
    if (waiters === undefined) return;
    for (const { wake, wish } of waiters) if (!run || !wish || wish(run)) wake(woken);
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }
}

/** Wakes long polls when their run has changed. */
export class ChangeNotifier {
  readonly #byRun = new Waiting<string>();
  readonly #byShard = new Waiting<number>();
  readonly #clock: Clock;
  readonly #serves: (shard: number) => boolean;

  constructor(clock: Clock, serves: (shard: number) => boolean) {
    this.#clock = clock;
    this.#serves = serves;
  }

  /** With `run` only those are woken who wished for what it is now. */
  changed(key: ExecutionKey, run?: CachedRun): void {
    if (!this.#byRun.isEmpty) this.#byRun.wake(runKeyOf(key), 'changed', run);
  }

  /** Ends the waits on runs of a shard that is not served here any more: whoever serves it next must not wait for them. */
  leave(shard: number): void {
    this.#byShard.wake(shard, 'over');
  }

  /**
   * Begins to listen now, before the caller reads the state, so that no change is missed in between. `done` resolves
   * at the next change that is wished for, and as over at the timeout, when the signal aborts, or when the run is not
   * served any more.
   */
  listen({ key, shard }: Pick<CachedRun, 'key' | 'shard'>, { waitMs, signal, wish }: Wait): Listening {
    const id = runKeyOf(key);
    const { promise: done, resolve } = Promise.withResolvers<Woken>();
    const end = (): void => wake('over');
    const timer = this.#clock.schedule(Math.max(0, waitMs), end);
    const wake: Wake = (woken) => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      this.#byRun.delete(id, waiter);
      this.#byShard.delete(shard, waiter);
      resolve(woken);
    };
    const waiter: Waiter = { wake, wish };
    signal.addEventListener('abort', end, { once: true });
    this.#byRun.add(id, waiter);
    this.#byShard.add(shard, waiter);
    if (signal.aborted || !this.#serves(shard)) end();
    return { done, stop: end };
  }
}
