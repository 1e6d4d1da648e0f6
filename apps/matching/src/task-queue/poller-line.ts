import type { PollTaskReply, PollTaskRequest } from '@duramesh/proto';
import type { Clock, Timer } from '@duramesh/runtime';

export const EMPTY_POLL: PollTaskReply = {
  task: undefined,
  query: undefined,
  backlogCountHint: 0,
  partition: 0,
  pollerDelta: 0,
  ended: false,
};
/** What a poll of a worker gets that is shutting down. */
export const ENDED_POLL: PollTaskReply = { ...EMPTY_POLL, ended: true };

/** Whether the poll has got nothing. */
export const isEmpty = ({ task, query }: PollTaskReply): boolean => task === undefined && query === undefined;

/** A poll that waits. */
export interface WaitingPoll {
  readonly request: PollTaskRequest;
  readonly sinceMs: number;
  answer(reply: PollTaskReply): void;
}

interface Standing extends WaitingPoll {
  readonly timer: Timer;
}

/** Polls that wait for a task, first come first served. */
export class PollerLine {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Standing>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with what the poll gets; with an empty reply once the wait is over. */
  wait(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    const { pollerId } = request;
    this.dismiss(pollerId);
    return new Promise((answer) => {
      const timer = this.#clock.schedule(waitMs, () => this.dismiss(pollerId));
      this.#waiting.set(pollerId, { request, sinceMs: this.#clock.now(), answer, timer });
    });
  }

  /** Takes the poll that waits longest out of the line, to be answered at once. */
  next(): WaitingPoll | undefined {
    for (const poll of this.#waiting.values()) return this.#leave(poll);
    return undefined;
  }

  /** Answers the poll, if it still waits, with nothing. */
  dismiss(pollerId: string): void {
    const poll = this.#waiting.get(pollerId);
    if (poll !== undefined) this.#leave(poll).answer(EMPTY_POLL);
  }

  dismissWorker(workerInstanceKey: string): void {
    for (const poll of this.#waiting.values()) {
      if (poll.request.workerInstanceKey === workerInstanceKey) this.#leave(poll).answer(ENDED_POLL);
    }
  }

  dismissAll(): void {
    for (const pollerId of this.#waiting.keys()) this.dismiss(pollerId);
  }

  #leave(poll: Standing): WaitingPoll {
    this.#waiting.delete(poll.request.pollerId);
    poll.timer.cancel();
    return poll;
  }
}
