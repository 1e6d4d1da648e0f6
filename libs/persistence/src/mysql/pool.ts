import { StoreFault } from '../api/store.ts';
import type { Session } from './session.ts';

/** Calls that may wait for a connection; further ones are refused at once. */
const MAX_WAITING = 10_000;

export interface PoolOptions {
  readonly size: number;
  readonly shown: string;
  connect(): Promise<Session>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Connections for reads, opened when they are needed and kept. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Session[] = [];
  readonly #waiting: Waiting[] = [];
  #inUse = 0;
  #isClosed = false;
  /** Connections of an earlier one are not used again. */
  #generation = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async use<T>(run: (session: Session) => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      const generation = this.#generation;
      const session = this.#takeIdle() ?? (await this.#options.connect());
      try {
        return await run(session);
      } finally {
        this.#giveBack(session, generation);
      }
    } finally {
      this.#leave();
    }
  }

  /** Connections from now on are new ones. */
  renew(): void {
    this.#generation += 1;
    for (const session of this.#idle.splice(0)) session.close();
  }

  /** Those under way end as they end. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#idle.splice(0)) session.close();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal('was closed'));
  }

  async #enter(): Promise<void> {
    if (this.#isClosed) throw this.#refusal('was closed');
    if (this.#inUse >= this.#options.size) {
      if (this.#waiting.length >= MAX_WAITING) throw this.#refusal('has too many reads waiting: its load is too high');
      return new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    this.#inUse += 1;
  }

  /** Whoever waits longest gets the place. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inUse -= 1;
    else next.resolve();
  }

  #takeIdle(): Session | undefined {
    for (;;) {
      const session = this.#idle.pop();
      if (session === undefined || session.isUsable) return session;
    }
  }

  #giveBack(session: Session, generation: number): void {
    if (!session.isUsable) return;
    if (this.#isClosed || generation !== this.#generation) session.close();
    else this.#idle.push(session);
  }

  #refusal(what: string): StoreFault {
    return new StoreFault('unavailable', `the store ${this.#options.shown} ${what}`);
  }
}
