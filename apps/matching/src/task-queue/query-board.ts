import { deadlineExceeded, failedPrecondition, notFound } from '@duramesh/contracts';
import type { QueryOffer, QueryTaskReply, QueryTaskRequest } from '@duramesh/proto';
import type { Clock, Ids, Timer } from '@duramesh/runtime';

interface PendingQuery {
  readonly offer: QueryOffer;
  readonly timer: Timer;
  resolve(reply: QueryTaskReply): void;
  reject(error: Error): void;
}

export interface QueryBoardDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Whether a worker polled lately; asked when a query was not taken in time. */
  readonly pollerSeenLately: () => boolean;
}

/** Queries between their caller and a worker. Never stored: the caller waits, and asks again if this owner is gone. */
export class QueryBoard {
  readonly #deps: QueryBoardDeps;
  readonly #waiting = new Map<string, PendingQuery>();
  /** With a worker. */
  readonly #taken = new Map<string, PendingQuery>();

  constructor(deps: QueryBoardDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#waiting.size + this.#taken.size;
  }

  /** Resolves with the worker's answer. @throws ServiceError when there is none after `waitMs` */
  ask(request: QueryTaskRequest, waitMs: number): Promise<QueryTaskReply> {
    const { clock, ids } = this.#deps;
    const { workflowId, runId, query } = request;
    const queryId = ids.uuid();
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(waitMs, () => this.#expire(queryId));
      this.#waiting.set(queryId, { offer: { queryId, workflowId, runId, query }, timer, resolve, reject });
    });
  }

  /** The query that waits longest: from here on a worker has it. */
  take(): QueryOffer | undefined {
    for (const [queryId, query] of this.#waiting) {
      this.#waiting.delete(queryId);
      this.#taken.set(queryId, query);
      return query.offer;
    }
    return undefined;
  }

  /** The worker that took it went away before it could answer: it waits again, first of all. */
  putBack(queryId: string): boolean {
    const query = this.#taken.get(queryId);
    if (query === undefined) return false;
    this.#taken.delete(queryId);
    const others = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, waiting] of [[queryId, query] as const, ...others]) this.#waiting.set(id, waiting);
    return true;
  }

  hasTaken(queryId: string): boolean {
    return this.#taken.has(queryId);
  }

  /** @throws ServiceError when nobody waits for the answer */
  respond(queryId: string, reply: QueryTaskReply): void {
    const query = this.#taken.get(queryId);
    if (query === undefined) throw queryNotFound();
    this.#taken.delete(queryId);
    query.timer.cancel();
    query.resolve(reply);
  }

  failAll(error: Error): void {
    for (const query of [...this.#waiting.values(), ...this.#taken.values()]) {
      query.timer.cancel();
      query.reject(error);
    }
    this.#waiting.clear();
    this.#taken.clear();
  }

  #expire(queryId: string): void {
    const waiting = this.#waiting.get(queryId);
    const query = waiting ?? this.#taken.get(queryId);
    this.#waiting.delete(queryId);
    this.#taken.delete(queryId);
    const nobodyPolls = waiting !== undefined && !this.#deps.pollerSeenLately();
    query?.reject(
      nobodyPolls
        ? failedPrecondition('no poller seen for task queue recently, worker may be down')
        : deadlineExceeded('query timed out before a worker could process it'),
    );
  }
}

export const queryNotFound = (): Error => notFound('query task not found, or already expired');
