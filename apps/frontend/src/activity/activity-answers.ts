import { invalidArgument } from '@duramesh/contracts';
import { type Failure, payloadsSizeBytes, serverFailure } from '@duramesh/engine';
import type { ActivityRef, HeartbeatReply, Plain, temporal } from '@duramesh/proto';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices } from '../rpc/handler.ts';
import { boundedFailure, SizeReason } from '../validation/failures.ts';
import { requireLength } from '../validation/ids.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;
type Services = Pick<FrontendServices, 'history' | 'limits'>;

/** Who answers for which activity. */
export interface Answer {
  readonly activity: ActivityRef;
  readonly identity: string | undefined;
  readonly call: HandlerCall;
}

/**
 * What a worker may say about an activity it holds, whichever way it names it.
 * Payloads that are too large never reach history: the activity fails for good instead, and the call succeeds.
 */
export class ActivityAnswers {
  readonly #history: FrontendServices['history'];
  readonly #limits: FrontendServices['limits'];

  constructor({ history, limits }: Services) {
    this.#history = history;
    this.#limits = limits;
  }

  async complete(answer: Answer, result: Payloads | undefined): Promise<void> {
    const common = this.#common(answer);
    if (this.#isTooLarge(result)) return this.#failForSize(answer, SizeReason.RESULT);
    await this.#history.respondActivityTaskCompleted({ ...common, result }, answer.call.options());
  }

  /** Answers the failures the server put in place of what was too large. */
  async fail(
    answer: Answer,
    given: { readonly failure: Failure | undefined; readonly lastHeartbeatDetails: Payloads | undefined },
  ): Promise<readonly Failure[]> {
    if (given.failure && !given.failure.applicationFailureInfo) {
      throw invalidArgument('Failure must have ApplicationFailureInfo.');
    }
    const common = this.#common(answer);
    const replaced: Failure[] = [];
    const tooLarge = this.#isTooLarge(given.lastHeartbeatDetails);
    if (tooLarge) replaced.push(serverFailure(SizeReason.HEARTBEAT_DETAILS, true));
    const failure = boundedFailure(given.failure, this.#limits);
    if (failure && failure !== given.failure) replaced.push(failure);
    const lastHeartbeatDetails = tooLarge ? undefined : given.lastHeartbeatDetails;
    const reply = await this.#history.respondActivityTaskFailed(
      { ...common, failure, lastHeartbeatDetails },
      answer.call.options(),
    );
    return [...replaced, ...reply.failures];
  }

  async cancel(answer: Answer, details: Payloads | undefined): Promise<void> {
    const common = this.#common(answer);
    if (this.#isTooLarge(details)) return this.#failForSize(answer, SizeReason.CANCEL_DETAILS);
    await this.#history.respondActivityTaskCanceled({ ...common, details }, answer.call.options());
  }

  async heartbeat(answer: Answer, details: Payloads | undefined): Promise<HeartbeatReply> {
    const common = this.#common(answer);
    if (this.#isTooLarge(details)) {
      await this.#failForSize(answer, SizeReason.HEARTBEAT_DETAILS);
      return { cancelRequested: true, activityPaused: false, activityReset: false };
    }
    return this.#history.recordActivityTaskHeartbeat({ ...common, details }, answer.call.options());
  }

  #common({ activity, identity = '', call }: Answer) {
    requireLength('Identity', identity, this.#limits.idBytes);
    return { namespace: namespaceRef(call.namespace), activity, identity };
  }

  #isTooLarge(payloads: Payloads | undefined): boolean {
    return payloadsSizeBytes(payloads) > this.#limits.blobBytes;
  }

  async #failForSize(answer: Answer, reason: string): Promise<void> {
    await this.#history.respondActivityTaskFailed(
      { ...this.#common(answer), failure: serverFailure(reason, true) },
      answer.call.options(),
    );
  }
}
