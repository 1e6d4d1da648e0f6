import type { Clock, Logger, Random } from '@duramesh/runtime';
import type { Msg } from '@nats-io/transport-node';
import {
  type Bus,
  BusFault,
  type BusHandler,
  MAX_PAYLOAD_BYTES,
  type RequestOptions,
  type ServeOptions,
  type Subscription,
} from '../bus.ts';
import { Deadlines } from '../deadlines.ts';
import { LocalDelivery } from '../local-delivery.ts';
import { LocalSubscription, type SubscriptionHost } from '../local-subscription.ts';
import { bytesOf } from '../parcel.ts';
import { type PendingHome, PendingReply, refused } from '../pending-reply.ts';
import { ServingScope } from '../served-request.ts';
import { settledWithin } from '../settled-within.ts';
import { SubjectTable } from '../subject-table.ts';
import { frameKind, FrameKind } from './frames.ts';
import { Link, type LinkOptions, type LinkStatus, type NatsAuth } from './link.ts';
import { Requester } from './requester.ts';
import { BULK_BYTES, Responder } from './responder.ts';
import type { OnMessage, Session } from './session.ts';
import { inboxPrefix, type Lane, numberOfInbox, wireSubject } from './subjects.ts';

export type { LinkStatus, NatsAuth } from './link.ts';

/** A waiting request is asked anew this often: a caller that died must not hold what is meant for the living. */
const LONG_POLL_SLICE_MS = 5_000;
const DRAIN_MS = 5_000;
const NO_RESPONDERS_STATUS = 503;

export interface NatsBusOptions {
  /** All brokers of the cluster, e.g. `nats://broker-1:4222`. */
  readonly servers: readonly string[];
  /** The name of this process, as brokers list it. */
  readonly name: string;
  readonly auth?: NatsAuth | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface NatsBusStatus {
  readonly links: readonly LinkStatus[];
  readonly pendingRequests: number;
  readonly filters: number;
  readonly runningRequests: number;
  /** Messages on our subjects that were not ours. */
  readonly foreignMessages: number;
}

/**
 * Request/reply over NATS core. Connects in the background and for ever: without a broker, requests to subjects this
 * process serves itself still work, all others fail at once with `notConnected`.
 */
export class NatsBus implements Bus {
  readonly longPollSliceMs = LONG_POLL_SLICE_MS;
  readonly #clock: Clock;
  readonly #table = new SubjectTable();
  readonly #delivery = new LocalDelivery();
  readonly #host: SubscriptionHost;
  readonly #locals = new Set<PendingReply>();
  readonly #home: PendingHome;
  readonly #links: Readonly<Record<Lane, Link>>;
  readonly #requester: Requester;
  readonly #responder: Responder;
  readonly #onRequest: OnMessage;
  #number = 0;
  #isClosed = false;

  constructor(options: NatsBusOptions) {
    this.#clock = options.clock;
    const deadlines = new Deadlines(options.clock);
    const busId = busIdFrom(options.random);
    this.#home = { deadlines, onSettled: (pending) => this.#locals.delete(pending) };
    this.#host = {
      scope: new ServingScope(deadlines),
      onClose: (subscription) => this.#leave(subscription),
      onHandlerFailed: (subject, cause) =>
        options.logger.error({ subject, err: cause }, 'A handler threw instead of answering.'),
    };
    this.#links = { control: this.#link(options, 'control'), bulk: this.#link(options, 'bulk') };
    this.#requester = new Requester(busId, deadlines);
    this.#responder = new Responder({
      busId,
      table: this.#table,
      scope: this.#host.scope,
      nextNumber: () => ++this.#number,
      bulkSession: () => this.#links.bulk.session,
      anySession: () => this.#links.control.session ?? this.#links.bulk.session,
    });
    this.#onRequest = (msg, session) => this.#responder.receive(msg, session);
    for (const lane of ['control', 'bulk'] as const) {
      this.#links[lane].subscribe(`${inboxPrefix(busId, lane)}*`, (msg, session) => this.#onInbox(msg, session));
      this.#links[lane].start();
    }
  }

  get connected(): boolean {
    return this.#links.control.session !== undefined && this.#links.bulk.session !== undefined;
  }

  get status(): NatsBusStatus {
    return {
      links: [this.#links.control.status, this.#links.bulk.status],
      pendingRequests: this.#requester.pendingCount + this.#locals.size,
      filters: this.#table.filters.length,
      runningRequests: this.#table.all().reduce((sum, { running }) => sum + running, 0),
      foreignMessages: this.#responder.foreignCount,
    };
  }

  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    if (this.#isClosed) return refused('closed', `the bus is closed (${subject})`);
    if (payload.length > MAX_PAYLOAD_BYTES) return refused('tooLarge', `${payload.length} bytes (${subject})`);
    const subscription = this.#table.find(subject);
    if (subscription !== undefined) return this.#requestLocally(subscription, { subject, payload, options });
    const lane: Lane = options.isLongPoll === true || payload.length > BULK_BYTES ? 'bulk' : 'control';
    const { session } = this.#links[lane];
    if (session === undefined) return refused('notConnected', `no broker can be reached (${subject})`);
    return this.#requester.request(++this.#number, { session, lane }, { subject, payload, options });
  }

  serve(filter: string, handler: BusHandler, options: ServeOptions = {}): Subscription {
    if (this.#isClosed) throw new BusFault('closed', `the bus is closed (${filter})`);
    const subscription = new LocalSubscription(filter, handler, { options, host: this.#host });
    if (this.#table.add(subscription)) {
      this.#links.control.subscribe(wireSubject(filter, 'control'), this.#onRequest);
      this.#links.bulk.subscribe(wireSubject(filter, 'bulk'), this.#onRequest);
    }
    return subscription;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const drained = Promise.all(this.#table.all().map((subscription) => subscription.close()));
    this.#host.scope.abortAll();
    await settledWithin(drained, DRAIN_MS, this.#clock);
    for (const pending of this.#locals) pending.fail('closed', 'the bus was closed');
    this.#requester.failAll('closed', 'the bus was closed');
    await Promise.all([this.#links.control.close(), this.#links.bulk.close()]);
    this.#home.deadlines.stop();
  }

  /** The owner is this process: no broker is asked. */
  #requestLocally(
    subscription: LocalSubscription,
    { subject, payload, options }: { subject: string; payload: Uint8Array; options: RequestOptions },
  ): Promise<Uint8Array> {
    const pending = new PendingReply(subject, this.#home, options);
    if (!pending.isSettled) {
      this.#locals.add(pending);
      this.#delivery.send(subscription, { subject, payload, origin: options }, pending);
    }
    return pending.promise.then(bytesOf);
  }

  async #leave(subscription: LocalSubscription): Promise<void> {
    if (!this.#table.remove(subscription)) return;
    const { control, bulk } = this.#links;
    const { filter } = subscription;
    await Promise.all([
      control.unsubscribe(wireSubject(filter, 'control')),
      bulk.unsubscribe(wireSubject(filter, 'bulk')),
    ]);
  }

  #onInbox(msg: Msg, session: Session): void {
    const number = numberOfInbox(msg.subject);
    const kind = frameKind(msg.data);
    if (kind === undefined) {
      if (msg.headers?.code !== NO_RESPONDERS_STATUS) return;
      this.#requester.noResponders(number);
      this.#responder.noCaller(number);
    } else if (kind === FrameKind.ACK && !this.#requester.has(number)) {
      this.#responder.acknowledged(number, msg.data);
    } else {
      this.#requester.receive(number, kind, { msg, session });
    }
  }

  #link(options: NatsBusOptions, lane: Lane): Link {
    const { servers, clock, random, logger, auth = {} } = options;
    const onSessionDown: LinkOptions['onSessionDown'] = (session) => this.#requester.sessionDown(session);
    return new Link({ name: `${options.name} ${lane}`, servers, auth, clock, random, logger, onSessionDown });
  }
}

/** Inboxes of two processes, or of two lives of one process, must differ. */
function busIdFrom(random: Random): string {
  return Array.from({ length: 4 }, () => Math.floor(random.next() * 36 ** 6).toString(36)).join('');
}
