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

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async use<T>(run: (session: Session) => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      const session = this.#takeIdle() ?? (await this.#options.connect());
      try {
        return await run(session);
      } finally {
        this.#giveBack(session);
      }
    } finally {
      this.#inUse -= 1;
      this.#waiting.shift()?.resolve();
    }
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
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    this.#inUse += 1;
  }

  #takeIdle(): Session | undefined {
    for (;;) {
      const session = this.#idle.pop();
      if (session === undefined || session.isUsable) return session;
    }
  }

  #giveBack(session: Session): void {
    if (!session.isUsable) return;
    if (this.#isClosed) session.close();
    else this.#idle.push(session);
  }

  #refusal(what: string): StoreFault {
    return new StoreFault('unavailable', `the store ${this.#options.shown} ${what}`);
  }
}
