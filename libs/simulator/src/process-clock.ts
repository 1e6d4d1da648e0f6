import type { Clock, Timer } from '@duramesh/runtime';

/** The clock of one simulated process. After a crash nothing it scheduled happens any more. */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  #halted = false;

  constructor(world: Clock) {
    this.#world = world;
  }

  halt(): void {
    this.#halted = true;
  }

  now(): number {
    return this.#world.now();
  }

  monotonicMs(): number {
    return this.#world.monotonicMs();
  }

  schedule(delayMs: number, run: () => void): Timer {
    return this.#world.schedule(delayMs, () => this.#ifAlive(run));
  }

  defer(run: () => void): void {
    this.#world.defer(() => this.#ifAlive(run));
  }

  /** In a crashed process it never ends. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#world.sleep(durationMs, signal).then(
        () => this.#ifAlive(resolve),
        (error: unknown) => this.#ifAlive(() => reject(error as Error)),
      );
    });
  }

  #ifAlive(run: () => void): void {
    if (!this.#halted) run();
  }
}
