import type { Clock, Timer } from '@duramesh/runtime';
import type { WaitingTask } from './waiting-task.ts';

interface Offer {
  readonly task: WaitingTask;
  readonly untilMs: number;
}

/** Tasks set aside for a poller whose frontend has not yet said what became of them. */
export class Offers {
  readonly #clock: Clock;
  readonly #offerMs: number;
  readonly #onExpired: (task: WaitingTask) => void;
  /** In the order of their expiry: one timer serves all. */
  readonly #offers = new Map<string, Offer>();
  #timer: Timer | undefined;

  constructor(clock: Clock, offerMs: number, onExpired: (task: WaitingTask) => void) {
    this.#clock = clock;
    this.#offerMs = offerMs;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#offers.size;
  }

  make(offerId: string, task: WaitingTask): void {
    this.#offers.set(offerId, { task, untilMs: this.#clock.now() + this.#offerMs });
    this.#timer ??= this.#clock.schedule(this.#offerMs, () => this.#expire());
  }

  /** The offer is over; undefined when it was before. */
  end(offerId: string): WaitingTask | undefined {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return undefined;
    this.#offers.delete(offerId);
    return offer.task;
  }

  /** Ends every offer and gives their tasks. */
  endAll(): WaitingTask[] {
    const tasks = Array.from(this.#offers.values(), ({ task }) => task);
    this.#offers.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
    return tasks;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [offerId, { task, untilMs }] of this.#offers) {
      if (untilMs > now) {
        this.#timer = this.#clock.schedule(untilMs - now, () => this.#expire());
        return;
      }
      this.#offers.delete(offerId);
      this.#onExpired(task);
    }
  }
}
