import type { ExecutionKey } from '@duramesh/persistence';

export interface DueEntry {
  readonly key: ExecutionKey;
  readonly shard: number;
  readonly atMs: number;
}

/** A binary heap, earliest first. */
export class DueHeap {
  readonly #entries: DueEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): DueEntry | undefined {
    return this.#entries[0];
  }

  push(entry: DueEntry): void {
    const entries = this.#entries;
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || above.atMs <= entry.atMs) break;
      entries[at] = above;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): DueEntry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined || entries.length === 0) return top;
    let at = 0;
    for (let child = 1; child < entries.length; child = 2 * at + 1) {
      const left = entries[child];
      const right = entries[child + 1];
      const smaller = left !== undefined && right !== undefined && right.atMs < left.atMs ? right : left;
      if (smaller === undefined || smaller.atMs >= last.atMs) break;
      entries[at] = smaller;
      at = smaller === right ? child + 1 : child;
    }
    entries[at] = last;
    return top;
  }
}
