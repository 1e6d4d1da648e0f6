/**
 * One at a time for each key, in order of arrival. A key costs nothing while nobody holds it.
 * Nobody awaits anything under a lock but loading and committing.
 */
export class ExecutionLock {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#tails.set(key, mine);
    if (before) await before;
    try {
      return await body();
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
      release();
    }
  }
}
