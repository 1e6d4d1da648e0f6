const deleted = Symbol('deleted');

export interface MapDiff<K, V> {
  readonly upserts: ReadonlyMap<K, V>;
  readonly deletes: ReadonlySet<K>;
}

/** Most collections are untouched by most transitions: their diffs need no memory of their own. */
const unchanged: MapDiff<never, never> = { upserts: new Map<never, never>(), deletes: new Set<never>() };

/**
 * A writable view over a map it never writes to. What was written is the diff:
 * the same value the store persists and, once persisted, the cache absorbs.
 */
export class Overlay<K, V extends object> {
  readonly #base: ReadonlyMap<K, V>;
  #writes: Map<K, V | typeof deleted> | undefined;
  #size: number;

  constructor(base: ReadonlyMap<K, V>) {
    this.#base = base;
    this.#size = base.size;
  }

  /** False when the collection is as it was: whatever was derived from it still holds. */
  get touched(): boolean {
    return this.#writes !== undefined;
  }

  get(key: K): V | undefined {
    const write = this.#writes?.get(key);
    if (write === undefined) return this.#base.get(key);
    return write === deleted ? undefined : (write as V);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): void {
    if (!this.has(key)) this.#size += 1;
    (this.#writes ??= new Map()).set(key, value);
  }

  delete(key: K): void {
    if (!this.has(key)) return;
    this.#size -= 1;
    (this.#writes ??= new Map()).set(key, deleted);
  }

  get size(): number {
    return this.#size;
  }

  /** Calls back for each written key with what was there and what is there now. */
  forEachChange(visit: (was: V | undefined, is: V | undefined) => void): void {
    this.#writes?.forEach((write, key) => visit(this.#base.get(key), write === deleted ? undefined : (write as V)));
  }

  /** As `values`, for long collections: without the cost of a generator. */
  forEach(visit: (value: V, key: K) => void): void {
    const writes = this.#writes;
    if (writes === undefined) {
      this.#base.forEach(visit);
      return;
    }
    this.#base.forEach((value, key) => {
      if (!writes.has(key)) visit(value, key);
    });
    writes.forEach((write, key) => {
      if (write !== deleted) visit(write as V, key);
    });
  }

  /** Values in insertion order: those of the base, as changed, then new ones. */
  *values(): Generator<V> {
    for (const [key, value] of this.#base) {
      const write = this.#writes?.get(key);
      if (write === undefined) yield value;
      else if (write !== deleted) yield write as V;
    }
    for (const [key, write] of this.#writes ?? []) {
      if (write !== deleted && !this.#base.has(key)) yield write as V;
    }
  }

  diff(): MapDiff<K, V> {
    if (this.#writes === undefined) return unchanged;
    const upserts = new Map<K, V>();
    const deletes = new Set<K>();
    for (const [key, write] of this.#writes) {
      if (write !== deleted) upserts.set(key, write as V);
      else if (this.#base.has(key)) deletes.add(key);
    }
    return { upserts, deletes };
  }
}

/** Makes the diff part of the map. */
export function absorbMap<K, V>(target: Map<K, V>, diff: MapDiff<K, V>): void {
  if (diff === unchanged) return;
  for (const key of diff.deletes) target.delete(key);
  for (const [key, value] of diff.upserts) target.set(key, value);
}
