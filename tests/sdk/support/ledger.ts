import { until } from '../../support/until.ts';

/** The outside world of the activities: which effects were asked for, and how often. */
export class Ledger {
  readonly #runs = new Map<string, number>();
  readonly #tokens = new Map<string, Uint8Array>();

  /** Records an effect. @returns `done` for the first, `done before` for any that follows */
  once(key: string): string {
    const runs = this.runs(key) + 1;
    this.#runs.set(key, runs);
    return runs === 1 ? 'done' : 'done before';
  }

  runs(key: string): number {
    return this.#runs.get(key) ?? 0;
  }

  /** Leaves the token of an activity to whoever is to end it. */
  leave(key: string, token: Uint8Array): void {
    this.#tokens.set(key, token);
  }

  async token(key: string, withinMs: number): Promise<Uint8Array> {
    return until(() => this.#tokens.get(key), { what: `the token of ${key}`, withinMs });
  }

  /** Keys that start so, in the order of their first effect. */
  order(prefix: string): readonly string[] {
    return [...this.#runs.keys()].filter((key) => key.startsWith(prefix));
  }

  /** Effects whose key starts so. */
  count(prefix: string): number {
    return [...this.#runs.keys()].filter((key) => key.startsWith(prefix)).length;
  }

  async has(key: string, withinMs: number): Promise<void> {
    await until(() => this.runs(key) > 0, { what: `the effect ${key}`, withinMs });
  }
}
