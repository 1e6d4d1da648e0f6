import type { TaskRef } from '@duramesh/proto';
import type { Clock, Logger, Timer } from '@duramesh/runtime';
import type { WaitingTask } from './waiting-task.ts';

/** A task that waits first of all for so long is asked after, and again after as long. */
const LONG_MS = 600_000;
/** Tasks that one look may find obsolete. */
const MOST_DROPPED = 1_000;

export interface HeadCheckDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The task of each priority whose turn it is. */
  readonly heads: () => readonly WaitingTask[];
  /** Whether history still waits for the task. */
  readonly isWanted: (task: TaskRef) => Promise<boolean>;
  readonly drop: (task: WaitingTask) => void;
}

/**
 * Keeps the tasks of runs that have long ended from standing in front of the backlog, and from being counted there,
 * when no worker comes to find out. @see spec-matching 2.7
 */
export class HeadCheck {
  readonly #deps: HeadCheckDeps;
  readonly #checkedMs = new WeakMap<WaitingTask, number>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(deps: HeadCheckDeps) {
    this.#deps = deps;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (!this.#isClosed) this.#timer = this.#deps.clock.schedule(LONG_MS, () => void this.#run());
  }

  async #run(): Promise<void> {
    try {
      for (let dropped = 0; dropped < MOST_DROPPED && !this.#isClosed;) {
        const found = await this.#dropObsolete();
        if (found === 0) break;
        dropped += found;
      }
    } catch (error) {
      this.#deps.logger.debug({ error }, 'tasks that have waited for long could not be checked');
    }
    this.#schedule();
  }

  /** Looks at each priority's first task once. @returns how many nobody needs */
  async #dropObsolete(): Promise<number> {
    const { clock, heads, isWanted, drop } = this.#deps;
    let dropped = 0;
    for (const task of heads()) {
      const now = clock.now();
      const sinceMs = this.#checkedMs.get(task) ?? task.ref.createdMs;
      if (now - sinceMs < LONG_MS) continue;
      this.#checkedMs.set(task, now);
      if (await isWanted(task.ref)) continue;
      drop(task);
      dropped += 1;
    }
    return dropped;
  }
}
