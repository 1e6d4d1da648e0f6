import { must } from '@duramesh/runtime';
import type { DispatchLimits } from './dispatch-limits.ts';
import { FairShares } from './fair-shares.ts';
import { Heap, type HeapItem } from './heap.ts';
import { isBefore, LEVELS, type WaitingTask } from './waiting-task.ts';

export interface SchedulerOptions {
  readonly limits: DispatchLimits;
  /** More tasks of the level are stored and about to be read. */
  readonly isUnread: (level: number) => boolean;
  /** Fairness keys remembered for each level. */
  readonly maxKeys: number;
  /** Keys make no difference: a sticky queue. */
  readonly isUnfair: boolean;
}

/** The tasks of one fairness key in one level. */
class KeyQueue implements HeapItem {
  readonly key: string;
  readonly tasks = new Heap<WaitingTask>(isBefore);
  heapAt = -1;
  /** Set aside until then because of the key's limit. */
  parkedUntilMs: number | undefined;

  constructor(key: string) {
    this.key = key;
  }
}

function headIsBefore(a: KeyQueue, b: KeyQueue): boolean {
  const [headA, headB] = [a.tasks.peek(), b.tasks.peek()];
  return headA !== undefined && headB !== undefined && isBefore(headA, headB);
}

const isParkedBefore = (a: KeyQueue, b: KeyQueue): boolean => (a.parkedUntilMs ?? 0) < (b.parkedUntilMs ?? 0);

/** The tasks of one priority. */
class Level {
  readonly shares: FairShares;
  readonly keys = new Map<string, KeyQueue>();
  /** Keys with tasks, by the turn of their first. */
  readonly turns = new Heap<KeyQueue>(headIsBefore);
  readonly parked = new Heap<KeyQueue>(isParkedBefore);
  size = 0;
  /** Of them, those whose key has to wait. */
  parkedSize = 0;

  constructor(maxKeys: number) {
    this.shares = new FairShares(maxKeys);
  }

  add(queue: KeyQueue, task: WaitingTask): void {
    queue.tasks.push(task);
    this.size += 1;
    if (queue.parkedUntilMs !== undefined) this.parkedSize += 1;
    else if (queue.heapAt < 0) this.turns.push(queue);
    else this.turns.update(queue);
  }

  remove(queue: KeyQueue, task: WaitingTask): void {
    queue.tasks.remove(task);
    this.size -= 1;
    const isParked = queue.parkedUntilMs !== undefined;
    if (isParked) this.parkedSize -= 1;
    const heap = isParked ? this.parked : this.turns;
    if (queue.tasks.size > 0) return heap.update(queue);
    heap.remove(queue);
    this.keys.delete(queue.key);
  }

  park(queue: KeyQueue, untilMs: number): void {
    this.turns.remove(queue);
    queue.parkedUntilMs = untilMs;
    this.parkedSize += queue.tasks.size;
    this.parked.push(queue);
  }

  *[Symbol.iterator](): IterableIterator<WaitingTask> {
    for (const { tasks } of this.keys.values()) yield* tasks;
  }

  /** Lets go of the keys whose time has come. */
  unpark(nowMs: number): void {
    for (let queue = this.parked.peek(); queue !== undefined; queue = this.parked.peek()) {
      if ((queue.parkedUntilMs ?? 0) > nowMs) return;
      this.parked.remove(queue);
      this.parkedSize -= queue.tasks.size;
      queue.parkedUntilMs = undefined;
      this.turns.push(queue);
    }
  }
}

/**
 * Tasks that wait for a poller, in the order in which they are offered: a more urgent priority always first, within a
 * priority the fairness keys in proportion to their weights, under one key first come first served. Limits hold a task
 * back; the limit of a key holds back that key alone. @see spec-matching 2.9, 4
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  /** By priority; nobody stands at 0. */
  readonly #levels: readonly Level[];
  #size = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#levels = Array.from({ length: LEVELS + 1 }, () => new Level(options.maxKeys));
  }

  get size(): number {
    return this.#size;
  }

  sizeOf(level: number): number {
    return this.#level(level).size;
  }

  /** Of them, those that no limit of their key holds back. */
  freeSizeOf(level: number): number {
    const { size, parkedSize } = this.#level(level);
    return size - parkedSize;
  }

  shares(level: number): FairShares {
    return this.#level(level).shares;
  }

  /** Goes on in the level where its first task stands. */
  resume(level: number): void {
    this.shares(level).resume(this.#level(level).turns.peek()?.tasks.peek()?.pass ?? 0);
  }

  /** Which key's turn a task takes. */
  keyOf(task: WaitingTask): string {
    return this.#options.isUnfair ? '' : task.fairnessKey;
  }

  /** Gives the task its place, if it has none. */
  place(task: WaitingTask): void {
    if (task.pass !== undefined) return;
    const { shares, keys } = this.#level(task.level);
    const key = this.keyOf(task);
    if (!shares.isKnown(key)) {
      // It may have been forgotten although it has tasks here.
      for (const { pass = 0 } of keys.get(key)?.tasks ?? []) shares.learn(key, pass, false);
    }
    task.pass = shares.place(key, this.#options.limits.strideOf(task));
  }

  push(task: WaitingTask): void {
    this.place(task);
    const level = this.#level(task.level);
    const key = this.keyOf(task);
    let queue = level.keys.get(key);
    if (queue === undefined) level.keys.set(key, (queue = new KeyQueue(key)));
    level.add(queue, task);
    this.#size += 1;
  }

  /** Takes out a task, if it waits here. */
  remove(task: WaitingTask): boolean {
    if (task.heapAt < 0) return false;
    const level = this.#level(task.level);
    const queue = level.keys.get(this.keyOf(task));
    if (queue === undefined) return false;
    level.remove(queue, task);
    this.#size -= 1;
    return true;
  }

  /** Takes out the task whose turn it is; undefined when none may go, or when more urgent ones have yet to be read. */
  pop(nowMs: number): WaitingTask | undefined {
    const { limits } = this.#options;
    if (this.#size > 0 && limits.queueWaitMs(nowMs) > 0) return undefined;
    return this.#pop((level) => this.#free(level, nowMs));
  }

  /** The same without regard for limits: whoever gets the task sees to them. */
  popUnlimited(mayTake: (level: number) => boolean = () => true): WaitingTask | undefined {
    return this.#pop((level, at) => (mayTake(at) ? level.turns.peek() : undefined));
  }

  /** When a task that is held back by a limit may go: forever when its limit is 0. */
  waitMs(nowMs: number): number {
    if (this.#size === 0) return Number.POSITIVE_INFINITY;
    const queueWaitMs = this.#options.limits.queueWaitMs(nowMs);
    if (queueWaitMs > 0) return queueWaitMs;
    const parked = this.#levels.map((level) => level.parked.peek()?.parkedUntilMs ?? Number.POSITIVE_INFINITY);
    return Math.max(Math.min(...parked) - nowMs, 0);
  }

  /** Limits have changed: who was set aside is looked at again. */
  reconsider(): void {
    for (const level of this.#levels) level.unpark(Number.POSITIVE_INFINITY);
  }

  /** The same for one key. */
  reconsiderKey(key: string): void {
    for (const { keys, parked } of this.#levels) {
      const queue = keys.get(key);
      if (queue?.parkedUntilMs === undefined) continue;
      queue.parkedUntilMs = 0;
      parked.update(queue);
    }
  }

  /** The task of a level that stands behind all others. */
  last(level: number): WaitingTask | undefined {
    let last: WaitingTask | undefined;
    for (const task of this.#level(level)) if (last === undefined || isBefore(last, task)) last = task;
    return last;
  }

  /**
   * Takes out the last tasks of a level, in their order, so that `keep` stay. Those that are not stored stay too, and
   * with them those before them; those of other partitions do not count.
   */
  dropLast(level: number, keep: number): readonly WaitingTask[] {
    const own = [...this.#level(level)].filter((task) => !task.isForwarded);
    const tasks = own.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const lastToStay = tasks.findLastIndex(({ row }) => row !== 'stored');
    const dropped = tasks.slice(Math.max(keep, lastToStay + 1));
    for (const task of dropped) this.remove(task);
    return dropped;
  }

  /** Takes out every task, in no order. */
  drain(): WaitingTask[] {
    const tasks = [...this];
    for (const task of tasks) this.remove(task);
    return tasks;
  }

  *[Symbol.iterator](): IterableIterator<WaitingTask> {
    for (const level of this.#levels) yield* level;
  }

  /** The first task of each level. */
  heads(): readonly WaitingTask[] {
    return this.#levels.flatMap(({ turns, parked }) => (turns.peek() ?? parked.peek())?.tasks.peek() ?? []);
  }

  #pop(choose: (level: Level, at: number) => KeyQueue | undefined): WaitingTask | undefined {
    for (let at = 1; at <= LEVELS; at++) {
      const level = this.#level(at);
      const queue = choose(level, at);
      const task = queue?.tasks.peek();
      if (queue !== undefined && task !== undefined) {
        level.remove(queue, task);
        this.#size -= 1;
        level.shares.resume(task.pass ?? 0);
        return task;
      }
      // They come before those of the next level.
      if (this.#options.isUnread(at)) return undefined;
    }
    return undefined;
  }

  /** The key whose turn it is and that may have it. */
  #free(level: Level, nowMs: number): KeyQueue | undefined {
    const { limits } = this.#options;
    level.unpark(nowMs);
    for (let queue = level.turns.peek(); queue !== undefined; queue = level.turns.peek()) {
      const head = queue.tasks.peek();
      const waitMs = head === undefined ? 0 : limits.keyWaitMs(head, nowMs);
      if (waitMs === 0) return queue;
      level.park(queue, nowMs + waitMs);
    }
    return undefined;
  }

  #level(at: number): Level {
    return must(this.#levels[at], 'a priority has a level');
  }
}
