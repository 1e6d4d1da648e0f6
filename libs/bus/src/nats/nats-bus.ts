import type { Clock, Logger, Random } from '@duramesh/runtime';
import type { Msg } from '@nats-io/transport-node';
import {
  type Bus,
  BusFault,
  type BusHandler,
  type BusStatus,
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
import type { NatsAccess } from './access.ts';
import { Drops } from './drops.ts';
import { decodeLeft, frameKind, FrameKind } from './frames.ts';
import { identityOf } from './identity.ts';
import { Link } from './link.ts';
import { Requester } from './requester.ts';
import { BULK_BYTES, Responder } from './responder.ts';
import type { OnMessage, Session } from './session.ts';
import { inboxPrefix, type Lane, lanes, NOTICES, numberOfInbox, wireSubject } from './subjects.ts';

export { type NatsAccess, natsAccess, NatsAccessFault, type NatsAccessOptions } from './access.ts';

/** A waiting request is asked anew this often: a caller that died must not hold what is meant for the living. */
const LONG_POLL_SLICE_MS = 5_000;
const DRAIN_MS = 5_000;
const NO_RESPONDERS_STATUS = 503;
/** While one connection is replaced the other one carries what it can. What takes longer is an outage. */
const REPLACED_WITHIN_MS = 5_000;

export interface NatsBusOptions {
  readonly access: NatsAccess;
  /** The name of this process, as brokers list it. */
  readonly name: string;
  /** Which inboxes this process may use: its service, or `server` for several. */
  readonly role: string;
  /** Requests of another cluster are not answered. */
  readonly clusterId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
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
  readonly #inboxes: Readonly<Record<Lane, string>>;
  readonly #requester: Requester;
  readonly #responder: Responder;
  readonly #drops: Drops;
  readonly #onRequest: OnMessage;
  readonly #onAnswer: OnMessage = (msg, session) => this.#onInbox(msg, session);
  /** Filters that are not listened to any more, while what came for them is answered. */
  readonly #leaving = new Set<string>();
  /** Of those that callers are told of at the end of this turn. */
  readonly #left: string[] = [];
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
      onDrained: ({ filter }) => this.#drained(filter),
      onHandlerFailed: (subject, cause) =>
        options.logger.error({ subject, err: cause }, 'A handler threw instead of answering.'),
    };
    const identity = identityOf(options.clusterId);
    const drops = new Drops(options.clock, options.logger);
    const inbox = (lane: Lane): string => inboxPrefix(options.role, busId, lane);
    this.#inboxes = { control: inbox('control'), bulk: inbox('bulk') };
    this.#drops = drops;
    this.#links = { control: this.#link(options, 'control'), bulk: this.#link(options, 'bulk') };
    this.#requester = new Requester({ identity, deadlines, drops, inboxes: this.#inboxes });
    this.#responder = new Responder({
      identity,
      drops,
      table: this.#table,
      scope: this.#host.scope,
      inbox: this.#inboxes.bulk,
      nextNumber: () => ++this.#number,
      bulkWire: () => this.#links.bulk.session,
      anyWire: () => this.#links.control.session ?? this.#links.bulk.session,
    });
    this.#onRequest = (msg, session) => this.#responder.receive(msg, session);
    for (const lane of lanes) {
      this.#links[lane].subscribe(`${this.#inboxes[lane]}*`, this.#onAnswer);
      this.#links[lane].start();
    }
  }

  get connected(): boolean {
    const { control, bulk } = this.#links;
    const isAnyUp = control.session !== undefined || bulk.session !== undefined;
    return isAnyUp && Math.max(control.awayMs, bulk.awayMs) < REPLACED_WITHIN_MS;
  }

  /** Why no broker lets us in when each has said no, so that waiting does not help. */
  get refusal(): string | undefined {
    const refused = Object.values(this.#links).find(({ isRefused }) => isRefused);
    return refused?.status.fault;
  }

  /** What the broker will not let this process hear, of its own inboxes and these filters. */
  async forbidden(filters: readonly string[]): Promise<readonly string[]> {
    const subjects = lanes.flatMap((lane) => {
      const own = [`${this.#inboxes[lane]}*`, ...filters.map((filter) => wireSubject(filter, lane))];
      return own.map((subject) => ({ subject, session: this.#links[lane].session }));
    });
    const asked = subjects.map(async ({ subject, session }) => (await session?.mayListenTo(subject)) ?? true);
    const answers = await Promise.all(asked);
    return subjects.filter((_, at) => answers[at] === false).map(({ subject }) => subject);
  }

  status(): BusStatus {
    return {
      connected: this.connected,
      connections: lanes.map((lane) => this.#links[lane].status),
      pendingRequests: this.#requester.pendingCount + this.#locals.size,
      runningRequests: this.#table.all().reduce((sum, { running }) => sum + running, 0),
      overloadedRequests: this.#host.scope.overloadedRequests,
      filters: this.#table.filters.length,
      droppedMessages: this.#drops.counts,
    };
  }

  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    if (this.#isClosed) return refused('closed', `the bus is closed (${subject})`);
    if (payload.length > MAX_PAYLOAD_BYTES) return refused('tooLarge', `${payload.length} bytes (${subject})`);
    const subscription = this.#table.find(subject);
    if (subscription !== undefined) return this.#requestLocally(subscription, { subject, payload, options });
    const via = this.#via(options.isLongPoll === true || payload.length > BULK_BYTES ? 'bulk' : 'control');
    if (via === undefined) return refused('notConnected', `no broker can be reached (${subject})`);
    return this.#requester.request(++this.#number, via, { subject, payload, options });
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

  /** While there is no bulk connection, large answers to what goes out by the other one come by that one too. */
  #coverInbox(): void {
    const { control, bulk } = this.#links;
    const inbox = `${this.#inboxes.bulk}*`;
    if (bulk.session === undefined) control.subscribe(inbox, this.#onAnswer);
    else void control.unsubscribe(inbox);
  }

  /** The connection for this lane, or while that is down the other one. */
  #via(lane: Lane): { readonly wire: Session; readonly lane: Lane } | undefined {
    const own = this.#links[lane].session;
    if (own !== undefined) return { wire: own, lane };
    const other = lane === 'control' ? 'bulk' : 'control';
    const wire = this.#links[other].session;
    return wire && { wire, lane: other };
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
    this.#leaving.add(filter);
    await Promise.all([
      control.unsubscribe(wireSubject(filter, 'control')),
      bulk.unsubscribe(wireSubject(filter, 'bulk')),
    ]);
  }

  /** Many are let go of at one time: callers are told of all of a turn at once. */
  #drained(filter: string): void {
    if (!this.#leaving.delete(filter)) return;
    if (this.#left.length === 0) this.#clock.defer(() => this.#responder.left(this.#left.splice(0)));
    this.#left.push(filter);
  }

  #onInbox(msg: Msg, session: Session): void {
    const number = numberOfInbox(msg.subject);
    const kind = frameKind(msg.data);
    if (kind === undefined) {
      if (msg.headers?.code !== NO_RESPONDERS_STATUS) return this.#drops.add('foreign', msg.subject);
      this.#requester.noResponders(number);
      this.#responder.noCaller(number);
    } else if (kind === FrameKind.LEFT) {
      if (number === NOTICES) this.#requester.left(new Set(decodeLeft(msg.data)));
      else this.#drops.add('foreign', msg.subject);
    } else if (kind === FrameKind.ACK && !this.#requester.has(number)) {
      if (!this.#responder.acknowledged(number, msg.data)) this.#drops.add('lateReply', msg.subject);
    } else {
      this.#requester.receive(number, kind, { msg, wire: session });
    }
  }

  #link({ access, clock, random, logger, name }: NatsBusOptions, lane: Lane): Link {
    return new Link({
      name: lane,
      process: name,
      access,
      clock,
      random,
      logger,
      onSessionDown: (session) => {
        this.#requester.wireDown(session);
        this.#coverInbox();
      },
      onSessionUp: () => this.#coverInbox(),
      onOverlap: (isBegin) => this.#responder.overlap(isBegin),
      onForbidden: (operation, subject) => {
        this.#drops.add('forbidden', `${operation === 'publish' ? 'to publish to' : 'to listen to'} ${subject}`);
        if (operation === 'publish') this.#requester.forbidden(subject);
      },
    });
  }
}

/** Inboxes of two processes, or of two lives of one process, must differ. */
function busIdFrom(random: Random): string {
  return Array.from({ length: 4 }, () => Math.floor(random.next() * 36 ** 6).toString(36)).join('');
}
