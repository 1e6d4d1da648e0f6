import type { Clock } from '@duramesh/runtime';

interface Asked<K, T> {
  readonly key: K;
  readonly resolve: (found: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatheredOptions<K, T> {
  readonly clock: Clock;
  readonly maxKeys: number;
  /** @returns what was found, by the number of the key, counted from 1 */
  read(keys: readonly K[]): Promise<ReadonlyMap<number, T>>;
}

/** Lookups by key: those of one turn of the event loop are one statement. */
export class Gathered<K, T> {
  readonly #options: GatheredOptions<K, T>;
  #asked: Asked<K, T>[] = [];

  constructor(options: GatheredOptions<K, T>) {
    this.#options = options;
  }

  get(key: K): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ key, resolve, reject });
      if (this.#asked.length === 1) this.#options.clock.defer(() => this.#readAll());
    });
  }

  #readAll(): void {
    const { maxKeys } = this.#options;
    const asked = this.#asked;
    this.#asked = [];
    for (let i = 0; i < asked.length; i += maxKeys) void this.#read(asked.slice(i, i + maxKeys));
  }

  async #read(asked: readonly Asked<K, T>[]): Promise<void> {
    try {
      const found = await this.#options.read(asked.map(({ key }) => key));
      for (const [i, { resolve }] of asked.entries()) resolve(found.get(i + 1));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
