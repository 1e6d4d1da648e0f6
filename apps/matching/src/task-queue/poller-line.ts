import type { PollTaskReply, PollTaskRequest } from '@duramesh/proto';
import type { Clock, Timer } from '@duramesh/runtime';

export const EMPTY_POLL: PollTaskReply = { task: undefined, query: undefined, backlogCountHint: 0 };

interface WaitingPoll {
  readonly answer: (reply: PollTaskReply) => void;
  readonly timer: Timer;
}

/** Polls that wait for a task, first come first served. */
export class PollerLine {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, WaitingPoll>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with what the poll gets; with an empty reply once the wait is over. */
  wait({ pollerId }: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    this.dismiss(pollerId);
    return new Promise((answer) => {
      const timer = this.#clock.schedule(waitMs, () => this.dismiss(pollerId));
      this.#waiting.set(pollerId, { answer, timer });
    });
  }

  /** Answers the poll that waits longest. False when none waits. */
  answerNext(reply: PollTaskReply): boolean {
    for (const [pollerId, { answer, timer }] of this.#waiting) {
      this.#waiting.delete(pollerId);
      timer.cancel();
      answer(reply);
      return true;
    }
    return false;
  }

  /** Answers the poll, if it still waits, with nothing. */
  dismiss(pollerId: string): void {
    const poll = this.#waiting.get(pollerId);
    if (poll === undefined) return;
    this.#waiting.delete(pollerId);
    poll.timer.cancel();
    poll.answer(EMPTY_POLL);
  }

  dismissAll(): void {
    for (const pollerId of this.#waiting.keys()) this.dismiss(pollerId);
  }
}
