import { GrpcCode, isBusyWorkflow, ServiceError } from '@duramesh/contracts';
import {
  OfferOutcome,
  type PollTaskReply,
  type QueryOffer,
  type RecordTaskStartedReply,
  StartVerdict,
  type TaskOffer,
  type TaskQueuePartition,
} from '@duramesh/proto';
import { backoffMs, type BackoffPolicy, type Counter, type Metrics } from '@duramesh/runtime';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices } from '../rpc/handler.ts';
import type { AdmittedPoll } from './outstanding-polls.ts';
import type { TaskPoll } from './poll-request.ts';
import { pollSpan } from './poll-span.ts';

/** What becomes of what matching hands out: differs between the kinds of tasks. */
export interface TaskKind {
  /** Asks history to start the task for this poller. `requestId` makes a repetition harmless. */
  start(offer: TaskOffer, requestId: string, call: HandlerCall): Promise<RecordTaskStartedReply>;
  /** The answer to a poll that got a query; undefined when the query could not be prepared and its caller was told. */
  answerQuery?(query: QueryOffer, queue: TaskQueuePartition, call: HandlerCall): Promise<Uint8Array | undefined>;
  /** Adds what only matching knows to the encoded answer. */
  complete(response: Uint8Array, reply: PollTaskReply): Uint8Array;
}

/** A poll that found nothing is answered by an empty message. */
export const EMPTY_POLL = new Uint8Array();

/** Time kept to carry the answer to the client before it gives up. */
const ANSWER_MS = 1000;
const MIN_WAIT_MS = 10_000;
/** What a request to matching may take beyond its wait. */
const SLICE_GRACE_MS = 2000;
const PAUSE: BackoffPolicy = { initialMs: 50, coefficient: 2, maximumMs: 1000 };

const { STARTED, DROPPED, RETURNED } = {
  STARTED: OfferOutcome.OFFER_OUTCOME_STARTED,
  DROPPED: OfferOutcome.OFFER_OUTCOME_DROPPED,
  RETURNED: OfferOutcome.OFFER_OUTCOME_RETURNED,
};

/** By `operation`. */
export const pollErrors = (metrics: Metrics): Counter =>
  metrics.counter('frontend_poll_errors', 'Calls to other services that failed during a poll.');

/** Failures that pass: the poll goes on as if nothing had come. */
const passing: ReadonlySet<number> = new Set([
  GrpcCode.UNAVAILABLE,
  GrpcCode.DEADLINE_EXCEEDED,
  GrpcCode.CANCELLED,
  GrpcCode.ABORTED,
]);

const isPassing = (error: unknown): boolean => error instanceof ServiceError && passing.has(error.code);
/**
 * A run that is not there needs no task. Nor is there use in offering one again that history cannot start for a reason
 * of its own: it would come back forever. @see spec-matching 2.5
 */
const dropping: ReadonlySet<number> = new Set([GrpcCode.NOT_FOUND, GrpcCode.INTERNAL, GrpcCode.DATA_LOSS]);
const isObsolete = (error: unknown): boolean => error instanceof ServiceError && dropping.has(error.code);

/**
 * One poll of a worker, from its request to a started task or an empty answer.
 *
 * Matching is asked in slices. A task it offers is ours only when history says that it started for us; until then it
 * is set aside in matching, and whatever goes wrong between gives it back: by our word, or when the offer expires.
 */
export class LongPoll {
  readonly #services: FrontendServices;
  readonly #kind: TaskKind;
  readonly #poll: TaskPoll;
  readonly #call: HandlerCall;
  readonly #pollerId: string;
  readonly #endMs: number;
  readonly #admitted: AdmittedPoll;
  readonly #errors: Counter;
  #failures = 0;

  constructor(services: FrontendServices, kind: TaskKind, on: { readonly poll: TaskPoll; readonly call: HandlerCall }) {
    const { clock, random, limits, ids, metrics, polls } = services;
    this.#services = services;
    this.#kind = kind;
    this.#poll = on.poll;
    this.#call = on.call;
    this.#pollerId = ids.uuid();
    this.#admitted = polls.admit(on.poll.queue, this.#cancel);
    const jitterMs = (random.next() * limits.pollExpirationMs) / 6;
    const waitMs = Math.max(limits.pollExpirationMs - jitterMs, Math.min(MIN_WAIT_MS, limits.pollExpirationMs));
    this.#endMs = Math.min(clock.now() + waitMs, on.call.deadlineMs - ANSWER_MS);
    this.#errors = pollErrors(metrics);
  }

  async run(): Promise<Uint8Array> {
    const { signal } = this.#call;
    signal.addEventListener('abort', this.#cancel, { once: true });
    try {
      while (!this.#isOver()) {
        const answer = await this.#slice();
        if (answer) return answer;
      }
      return EMPTY_POLL;
    } finally {
      this.#admitted.end();
      signal.removeEventListener('abort', this.#cancel);
    }
  }

  /** Nobody waits for the answer any more, or it would come too late. */
  #isOver(): boolean {
    return this.#isGone() || this.#services.clock.now() >= this.#endMs;
  }

  #isGone(): boolean {
    return this.#call.signal.aborted || this.#services.stopping.aborted || this.#call.remainingMs() <= 0;
  }

  async #slice(): Promise<Uint8Array | undefined> {
    const reply = await this.#ask();
    if (!reply) return undefined;
    if (reply.ended) return EMPTY_POLL;
    // Another partition may have had something.
    const queue = { ...this.#admitted.queue, partition: reply.partition };
    if (reply.task) return this.#got(reply.task, queue, reply);
    if (reply.query) return this.#answer(reply.query, queue, reply);
    return undefined;
  }

  /** From here on the poll is a step of the trace of what it has got. */
  #got(offer: TaskOffer, queue: TaskQueuePartition, reply: PollTaskReply): Promise<Uint8Array | undefined> {
    const { tracer } = this.#services;
    if (!tracer.isOn) return this.#take(offer, queue, reply);
    const got = { offer, queue, call: this.#call, identity: this.#poll.identity };
    return pollSpan(tracer, got, () => this.#take(offer, queue, reply));
  }

  async #answer(query: QueryOffer, queue: TaskQueuePartition, reply: PollTaskReply): Promise<Uint8Array | undefined> {
    if (this.#isGone()) return this.#resolve(queue, query.queryId, RETURNED);
    const answer = await this.#kind.answerQuery?.(query, queue, this.#call);
    return answer && this.#kind.complete(answer, reply);
  }

  /** Not bound to the caller's signal: a task that was matched while the caller went away must be given back. */
  async #ask(): Promise<PollTaskReply | undefined> {
    const { matching, clock, longPollSliceMs } = this.#services;
    const waitMs = Math.ceil(Math.min(longPollSliceMs, this.#endMs - clock.now()));
    try {
      const reply = await matching.pollTask(
        { ...this.#poll, queue: this.#admitted.queue, pollerId: this.#pollerId, waitMs, forwarded: false },
        { timeoutMs: waitMs + SLICE_GRACE_MS },
      );
      this.#failures = 0;
      return reply;
    } catch (error) {
      if (!isPassing(error)) throw error;
      await this.#pause();
      return undefined;
    }
  }

  async #take(offer: TaskOffer, queue: TaskQueuePartition, reply: PollTaskReply): Promise<Uint8Array | undefined> {
    const { offerId } = offer;
    if (this.#isGone()) return this.#resolve(queue, offerId, RETURNED);
    let started: RecordTaskStartedReply;
    try {
      started = await this.#kind.start(offer, this.#services.ids.uuid(), this.#call);
    } catch (error) {
      this.#resolve(queue, offerId, isObsolete(error) ? DROPPED : RETURNED);
      return this.#notStarted(error);
    }
    if (started.verdict !== StartVerdict.START_VERDICT_STARTED) return this.#resolve(queue, offerId, DROPPED);
    this.#resolve(queue, offerId, STARTED);
    return this.#kind.complete(started.pollResponse, reply);
  }

  /** The poll goes on, after a pause unless the task is done with. What else there is, the worker is told. */
  async #notStarted(error: unknown): Promise<undefined> {
    if (isObsolete(error)) return undefined;
    if (!isPassing(error) && !isBusyWorkflow(error)) throw error;
    await this.#pause();
    return undefined;
  }

  #resolve(queue: TaskQueuePartition, offerId: string, outcome: number): undefined {
    this.#services.offerAnswers.give(queue, { offerId, outcome });
  }

  readonly #cancel = (): void => {
    const { queue } = this.#admitted;
    this.#services.matching.cancelPoll({ queue, pollerId: this.#pollerId }).catch(() => this.#count('cancelPoll'));
  };

  async #pause(): Promise<void> {
    const { clock, random } = this.#services;
    this.#failures += 1;
    this.#count('pollTask');
    const pauseMs = Math.min(backoffMs(PAUSE, this.#failures, random), Math.max(this.#endMs - clock.now(), 0));
    await clock.sleep(pauseMs, this.#call.signal).catch(() => undefined);
  }

  #count(operation: string): void {
    this.#errors.add(1, { operation });
  }
}
