import { updateAborted, type UpdateNews, type UpdateProgress } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';
import type { Clock, Timer } from '@duramesh/runtime';
import { type CachedRun, runKeyOf } from '../shard/run-cache.ts';

type News = UpdateNews['news'];
type RunPlace = Pick<CachedRun, 'key' | 'shard'>;
/** The memory is gone in which it was. */
export const ABORTED: News = { kind: 'aborted', refusal: updateAborted };
/** How long a caller may take from one of its calls to the next. */
const PARKED_MS = 3_000;

/** Somebody waits for one update of one run. */
export class UpdateWatch {
  readonly updateId: string;
  readonly #clock: Clock;
  /** The run, once it is known. */
  run: RunPlace | undefined;
  #isOver = false;
  #isInDoubt = false;
  #last: News | undefined;
  #wake: (isNews: boolean) => void = () => undefined;

  constructor(clock: Clock, updateId: string) {
    this.#clock = clock;
    this.updateId = updateId;
  }

  /** The last that was heard of the update. */
  get last(): News {
    return this.#last ?? { kind: 'admitted' };
  }

  /** How the update stood when the watch began; what was heard since is newer. */
  begin(progress: UpdateProgress): void {
    this.#last ??= progress;
  }

  tell(news: News): void {
    this.#last = news;
    this.#wake(true);
  }

  /** Something may have been written that nobody could be told of: the run is to be looked at. */
  doubt(): void {
    this.#isInDoubt = true;
    this.#wake(true);
  }

  /** True once for each doubt. */
  takeDoubt(): boolean {
    const wasInDoubt = this.#isInDoubt;
    this.#isInDoubt = false;
    return wasInDoubt;
  }

  /** The run is not served here any more: whoever serves it next is to be asked. */
  leave(): void {
    this.#isOver = true;
    if (this.last.kind === 'admitted') this.#last = ABORTED;
    this.#wake(false);
  }

  /** True once there is news, false when the time is over or the signal aborts. */
  next(waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (waitMs <= 0 || signal.aborted || this.#isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (isNews: boolean): void => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#wake = () => undefined;
        resolve(isNews);
      };
      const giveUp = (): void => finish(false);
      const timer = this.#clock.schedule(waitMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#wake = finish;
    });
  }
}

/**
 * Who waits for updates, by run and update id. They are told what a transition means once it is durable. A caller that
 * waits longer than one call may is parked between two of them: a rejection, which leaves no trace, must not slip through.
 */
export class UpdateWaiters {
  readonly #clock: Clock;
  readonly #serves: (shard: number) => boolean;
  readonly #byUpdate = new Map<string, Set<UpdateWatch>>();
  readonly #parked = new Map<string, { readonly watch: UpdateWatch; readonly timer: Timer }>();

  constructor(clock: Clock, serves: (shard: number) => boolean) {
    this.#clock = clock;
    this.#serves = serves;
  }

  /** Begins to listen, at once if the run is given, else when it is attached to one. It must be closed or parked. */
  watch(updateId: string, run?: RunPlace): UpdateWatch {
    const watch = new UpdateWatch(this.#clock, updateId);
    if (run) this.attach(watch, run);
    return watch;
  }

  /** Listens to this run instead of another one. */
  attach(watch: UpdateWatch, { key, shard }: RunPlace): void {
    this.close(watch);
    watch.run = { key, shard };
    const id = idOf(key, watch.updateId);
    const watches = this.#byUpdate.get(id);
    if (watches) watches.add(watch);
    else this.#byUpdate.set(id, new Set([watch]));
    if (!this.#serves(shard)) watch.leave();
  }

  close(watch: UpdateWatch): void {
    if (!watch.run) return;
    const id = idOf(watch.run.key, watch.updateId);
    const watches = this.#byUpdate.get(id);
    watches?.delete(watch);
    if (watches?.size === 0) this.#byUpdate.delete(id);
  }

  /** Goes on listening until the caller's next call. */
  park(watchId: string, watch: UpdateWatch): void {
    this.#unpark(watchId);
    const timer = this.#clock.schedule(PARKED_MS, () => {
      this.#parked.delete(watchId);
      this.close(watch);
    });
    this.#parked.set(watchId, { watch, timer });
  }

  /** The watch that the caller's last call has left; undefined when there is none, or when it was too long ago. */
  resume(watchId: string): UpdateWatch | undefined {
    const parked = this.#parked.get(watchId);
    parked?.timer.cancel();
    this.#parked.delete(watchId);
    return parked?.watch;
  }

  tell(key: ExecutionKey, news: readonly UpdateNews[]): void {
    if (this.#byUpdate.size === 0) return;
    for (const { updateId, news: told } of news) this.#tell(idOf(key, updateId), told);
  }

  /** What was in memory only is gone: whoever waits for it is to come again. */
  lose(key: ExecutionKey, updateIds: Iterable<string>): void {
    for (const updateId of updateIds) this.#tell(idOf(key, updateId), ABORTED);
  }

  /** After a write to the run whose answer was lost. */
  doubt(key: ExecutionKey): void {
    const runKey = runKeyOf(key);
    for (const watches of this.#byUpdate.values()) {
      for (const watch of watches) if (watch.run && runKeyOf(watch.run.key) === runKey) watch.doubt();
    }
  }

  /** Ends the waits on runs of a shard that is not served here any more. */
  leave(shard: number): void {
    for (const watches of this.#byUpdate.values()) {
      for (const watch of watches) if (watch.run?.shard === shard) watch.leave();
    }
  }

  stop(): void {
    for (const { timer } of this.#parked.values()) timer.cancel();
    this.#parked.clear();
  }

  #tell(id: string, news: News): void {
    for (const watch of this.#byUpdate.get(id) ?? []) watch.tell(news);
  }

  #unpark(watchId: string): void {
    const before = this.resume(watchId);
    if (before) this.close(before);
  }
}

const idOf = (key: ExecutionKey, updateId: string): string => `${runKeyOf(key)}\0${updateId}`;
