import type { Clock, Timer } from '@duramesh/runtime';
import type { WaitingTask } from './waiting-task.ts';

/** Tasks that are not stored yet because a poller is likely to come for them, in the order they came. */
export class HeldTasks {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #onDue: (task: WaitingTask) => void;
  readonly #tasks = new Set<WaitingTask>();
  #timer: Timer | undefined;

  constructor(clock: Clock, holdMs: number, onDue: (task: WaitingTask) => void) {
    this.#clock = clock;
    this.#holdMs = holdMs;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#tasks.size;
  }

  isDue({ addedMs }: WaitingTask): boolean {
    return this.#clock.now() - addedMs >= this.#holdMs;
  }

  add(task: WaitingTask): void {
    this.#tasks.add(task);
    this.#timer ??= this.#clock.schedule(this.#holdMs, () => this.#release());
  }

  remove(task: WaitingTask): void {
    this.#tasks.delete(task);
  }

  /** Lets go of all of them. */
  close(): readonly WaitingTask[] {
    this.#timer?.cancel();
    const tasks = [...this.#tasks];
    this.#tasks.clear();
    return tasks;
  }

  #release(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    for (const task of this.#tasks) {
      const restMs = task.addedMs + this.#holdMs - now;
      if (restMs > 0) {
        this.#timer = this.#clock.schedule(restMs, () => this.#release());
        return;
      }
      this.#tasks.delete(task);
      this.#onDue(task);
    }
  }
}
