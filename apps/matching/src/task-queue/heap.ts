/** Something that stands in one heap at a time. The heap keeps its place up to date, so that it can be found there. */
export interface HeapItem {
  /** -1 while it stands in none. */
  heapAt: number;
}

/** Gives the first of its items at any time; whatever one does to it costs the logarithm of their number. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  pop(): T | undefined {
    const top = this.#items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  remove(item: T): void {
    const at = item.heapAt;
    item.heapAt = -1;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) this.#settle(at, last);
  }

  /** To be called when what decides the place of an item has changed. */
  update(item: T): void {
    this.#settle(item.heapAt, item);
  }

  /** Takes out every item, in no order. */
  drain(): T[] {
    const items = this.#items.splice(0);
    for (const item of items) item.heapAt = -1;
    return items;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  #settle(at: number, item: T): void {
    this.#rise(this.#sink(at, item), item);
  }

  /** Puts the item at `from` or above it. */
  #rise(from: number, item: T): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || this.#isBefore(parent, item)) break;
      this.#put(at, parent);
      at = parentAt;
    }
    this.#put(at, item);
  }

  /** Puts the item at `from` or below it, and says where. */
  #sink(from: number, item: T): number {
    const items = this.#items;
    let at = from;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = items[leftAt];
      if (left === undefined) break;
      const right = items[leftAt + 1];
      const isRight = right !== undefined && this.#isBefore(right, left);
      const child = isRight ? right : left;
      if (this.#isBefore(item, child)) break;
      this.#put(at, child);
      at = isRight ? leftAt + 1 : leftAt;
    }
    this.#put(at, item);
    return at;
  }

  #put(at: number, item: T): void {
    this.#items[at] = item;
    item.heapAt = at;
  }
}
