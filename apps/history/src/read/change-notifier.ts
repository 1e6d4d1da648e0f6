import type { ExecutionKey } from '@duramesh/persistence';
import type { Clock } from '@duramesh/runtime';
import { type CachedRun, runKeyOf } from '../shard/run-cache.ts';

/** Why a wait has ended: the run has changed, or there is nothing more to wait for. */
export type Woken = 'changed' | 'over';

type Wake = (woken: Woken) => void;

export interface Listening {
  readonly done: Promise<Woken>;
  stop(): void;
}

/** Those who wait, by something they share. A key nobody waits under costs nothing. */
class Waiting<Key> {
  readonly #wakes = new Map<Key, Set<Wake>>();

  add(key: Key, wake: Wake): void {
    const wakes = this.#wakes.get(key);
    if (wakes) wakes.add(wake);
    else this.#wakes.set(key, new Set([wake]));
  }

  delete(key: Key, wake: Wake): void {
    const wakes = this.#wakes.get(key);
    wakes?.delete(wake);
    if (wakes?.size === 0) this.#wakes.delete(key);
  }

  wake(key: Key, woken: Woken): void {
    const wakes = this.#wakes.get(key);
    if (wakes) for (const wake of wakes) wake(woken);
  }

  get isEmpty(): boolean {
    return this.#wakes.size === 0;
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

  changed(key: ExecutionKey): void {
    if (!this.#byRun.isEmpty) this.#byRun.wake(runKeyOf(key), 'changed');
  }

  /** Ends the waits on runs of a shard that is not served here any more: whoever serves it next must not wait for them. */
  leave(shard: number): void {
    this.#byShard.wake(shard, 'over');
  }

  /**
   * Begins to listen now, before the caller reads the state, so that no change is missed in between. `done` resolves
   * at the next change, and as over at the timeout, when the signal aborts, or when the run is not served any more.
   */
  listen({ key, shard }: Pick<CachedRun, 'key' | 'shard'>, waitMs: number, signal: AbortSignal): Listening {
    const id = runKeyOf(key);
    const { promise: done, resolve } = Promise.withResolvers<Woken>();
    const end = (): void => wake('over');
    const timer = this.#clock.schedule(Math.max(0, waitMs), end);
    const wake: Wake = (woken) => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      this.#byRun.delete(id, wake);
      this.#byShard.delete(shard, wake);
      resolve(woken);
    };
    signal.addEventListener('abort', end, { once: true });
    this.#byRun.add(id, wake);
    this.#byShard.add(shard, wake);
    if (signal.aborted || !this.#serves(shard)) end();
    return { done, stop: end };
  }
}
