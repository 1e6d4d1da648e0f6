import type { Clock, Timer } from '@duramesh/runtime';

interface Open {
  readonly resolve: (answer: boolean) => void;
  readonly timer: Timer;
}

/** Questions to other members that wait for their answer; one that does not come is a no. */
export class Questions {
  readonly #clock: Clock;
  readonly #open = new Map<number, Open>();
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ask(timeoutMs: number, send: (questionId: number) => void): Promise<boolean> {
    this.#last = (this.#last % 0x7fffffff) + 1;
    const questionId = this.#last;
    return new Promise((resolve) => {
      const timer = this.#clock.schedule(timeoutMs, () => this.answer(questionId, false));
      this.#open.set(questionId, { resolve, timer });
      send(questionId);
    });
  }

  answer(questionId: number, answer: boolean): void {
    const open = this.#open.get(questionId);
    this.#open.delete(questionId);
    open?.timer.cancel();
    open?.resolve(answer);
  }

  stop(): void {
    for (const questionId of this.#open.keys()) this.answer(questionId, false);
  }
}
