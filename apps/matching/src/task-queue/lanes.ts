import type { BacklogRows } from './backlog.ts';
import { Lane, type LaneDeps } from './lane.ts';
import type { WaitingTask } from './waiting-task.ts';

/** The lane of workers without a version, which every queue has. */
export const MAIN = '';

export interface LanesDeps extends Omit<LaneDeps, 'rows'> {
  /** The stored tasks of a lane. */
  readonly rowsOf: (lane: string) => BacklogRows;
}

/** The lanes of one partition by the key of their version. One is opened by what comes to it. */
export class Lanes {
  readonly main: Lane;
  readonly #deps: LanesDeps;
  readonly #open = new Map<string, Lane>();
  readonly #opening = new Map<string, Promise<Lane>>();

  constructor(deps: LanesDeps) {
    this.#deps = deps;
    this.main = new Lane({ ...deps, rows: deps.rowsOf(MAIN) });
    this.#open.set(MAIN, this.main);
  }

  /** The lane if it is in memory. */
  get(key: string): Lane | undefined {
    return this.#open.get(key);
  }

  /** The lane, loaded. */
  open(key: string): Promise<Lane> {
    const known = this.#open.get(key);
    if (known) return Promise.resolve(known);
    const opening = this.#opening.get(key) ?? this.#load(key);
    this.#opening.set(key, opening);
    return opening;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#open.values();
  }

  entries(): readonly (readonly [key: string, lane: Lane])[] {
    return [...this.#open];
  }

  /** Of each lane the tasks whose turn it is. */
  heads(): readonly WaitingTask[] {
    return [...this.#open.values()].flatMap((lane) => lane.matcher.ready.heads());
  }

  get hasWaitingPolls(): boolean {
    for (const lane of this) if (lane.matcher.pollers.size > 0) return true;
    return false;
  }

  get waitingPolls(): number {
    let count = 0;
    for (const lane of this) count += lane.waitingPolls;
    return count;
  }

  get isBusy(): boolean {
    for (const lane of this) if (lane.isBusy) return true;
    return this.#opening.size > 0;
  }

  async close(reason: Error): Promise<void> {
    await Promise.allSettled(this.#opening.values());
    await Promise.all(Array.from(this, (lane) => lane.close(reason)));
  }

  async #load(key: string): Promise<Lane> {
    const lane = new Lane({ ...this.#deps, rows: this.#deps.rowsOf(key) });
    try {
      await lane.load();
      this.#open.set(key, lane);
      return lane;
    } finally {
      this.#opening.delete(key);
    }
  }
}
