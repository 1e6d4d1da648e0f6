import {
  type BusFaultCode,
  type BusHandler,
  DEFAULT_INBOX_LIMIT,
  type ObjectHandler,
  type ServeOptions,
  type Subscription,
} from './bus.ts';
import { Carried, type Parcel } from './parcel.ts';
import { type Origin, ServedRequest, type ServingScope } from './served-request.ts';

export interface Delivery {
  readonly subject: string;
  readonly payload: Parcel;
  readonly origin: Origin;
}

/** Where the outcome of a served request goes. */
export interface ReplyTo {
  succeed(reply: Parcel): void;
  fail(code: BusFaultCode, message: string, cause?: unknown): void;
}

/** The bus a subscription belongs to. */
export interface SubscriptionHost {
  readonly scope: ServingScope;
  /** The subscription takes no more requests. */
  onClose(subscription: LocalSubscription): void | Promise<void>;
  /** What it ran is answered as well. */
  onDrained?(subscription: LocalSubscription): void;
  onHandlerFailed(subject: string, cause: unknown): void;
}

/** One handler of this process and what it is running. */
export class LocalSubscription implements Subscription {
  readonly filter: string;
  readonly #handler: BusHandler;
  readonly #onObject: ObjectHandler | undefined;
  readonly #limit: number;
  readonly #host: SubscriptionHost;
  #running = 0;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  #isDead = false;

  constructor(filter: string, handler: BusHandler, wiring: { options: ServeOptions; host: SubscriptionHost }) {
    this.filter = filter;
    this.#handler = handler;
    this.#onObject = wiring.options.onObject;
    this.#limit = wiring.options.inboxLimit ?? DEFAULT_INBOX_LIMIT;
    this.#host = wiring.host;
  }

  get running(): number {
    return this.#running;
  }

  deliver(delivery: Delivery, replyTo: ReplyTo): void {
    if (this.#isDead) return;
    if (this.#closing !== undefined) return replyTo.fail('noResponders', 'the subscription is closed');
    if (this.#running >= this.#limit) {
      this.#host.scope.overloadedRequests += 1;
      return replyTo.fail('overloaded', `${this.#running} requests run already`);
    }
    this.#running += 1;
    void this.#run(delivery, replyTo);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends without answering what runs, as a crash does. */
  kill(): void {
    this.#isDead = true;
    void this.#host.onClose(this);
  }

  async #close(): Promise<void> {
    await this.#host.onClose(this);
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#host.onDrained?.(this);
  }

  #answerObject(message: unknown, request: ServedRequest): Promise<unknown> {
    if (this.#onObject === undefined) throw new TypeError(`${request.subject} is not served for objects`);
    return this.#onObject(message, request);
  }

  async #run(delivery: Delivery, replyTo: ReplyTo): Promise<void> {
    const request = new ServedRequest(delivery.subject, this.#host.scope, delivery.origin);
    try {
      const { payload } = delivery;
      const reply =
        payload instanceof Carried
          ? new Carried(await this.#answerObject(payload.message, request))
          : await this.#handler(payload, request);
      if (!this.#isDead) replyTo.succeed(reply);
    } catch (cause) {
      this.#host.onHandlerFailed(request.subject, cause);
      if (!this.#isDead) replyTo.fail('handlerFailed', 'the handler failed', cause);
    }
    request.finish();
    this.#running -= 1;
    if (this.#running === 0) this.#onIdle?.();
  }
}
