import type { WaitingTask } from './waiting-task.ts';

const isBefore = (a: WaitingTask, b: WaitingTask): boolean =>
  a.priority < b.priority || (a.priority === b.priority && a.taskId < b.taskId);

/** Tasks in the order they are offered: by priority, then first come first served. */
export class TaskHeap {
  readonly #items: WaitingTask[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): WaitingTask | undefined {
    return this.#items[0];
  }

  push(task: WaitingTask): void {
    this.#items.push(task);
    this.#rise(this.#items.length - 1, task);
  }

  pop(): WaitingTask | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && last !== top) this.#sink(0, last);
    return top;
  }

  remove(task: WaitingTask): void {
    const at = this.#items.indexOf(task);
    if (at < 0) return;
    const last = this.#items.pop();
    if (last !== undefined && last !== task) this.#rise(this.#sink(at, last), last);
  }

  /** Takes out every task, in no order. */
  drain(): WaitingTask[] {
    return this.#items.splice(0);
  }

  [Symbol.iterator](): IterableIterator<WaitingTask> {
    return this.#items.values();
  }

  /** Puts the task at `at` or above it. */
  #rise(from: number, task: WaitingTask): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || isBefore(parent, task)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = task;
  }

  /** Puts the task at `at` or below it, and says where. */
  #sink(from: number, task: WaitingTask): number {
    const items = this.#items;
    let at = from;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = items[leftAt];
      if (left === undefined) break;
      const right = items[leftAt + 1];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(task, child)) break;
      items[at] = child;
      at = isRight ? leftAt + 1 : leftAt;
    }
    items[at] = task;
    return at;
  }
}
