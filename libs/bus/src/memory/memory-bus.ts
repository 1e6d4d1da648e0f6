import type { Clock, Logger } from '@duramesh/runtime';
import {
  type Bus,
  BusFault,
  type BusHandler,
  type BusStatus,
  MAX_PAYLOAD_BYTES,
  type ObjectLane,
  type RequestOptions,
  type ServeOptions,
  type Subscription,
} from '../bus.ts';
import { Deadlines } from '../deadlines.ts';
import { LocalSubscription, type SubscriptionHost } from '../local-subscription.ts';
import { bytesOf, Carried, type Parcel, sizeOf } from '../parcel.ts';
import { type PendingHome, PendingReply, refused } from '../pending-reply.ts';
import { ServingScope } from '../served-request.ts';
import { settledWithin } from '../settled-within.ts';
import type { MemoryBusFaults } from './memory-bus-faults.ts';
import { MemoryNetwork } from './memory-network.ts';

/** A memory bus need not ask again often: its caller cannot vanish unnoticed. */
const LONG_POLL_SLICE_MS = 60_000;
/** How long `close` waits for answers of requests that run. */
const DRAIN_MS = 5_000;

export interface MemoryBusOptions {
  readonly clock: Clock;
  readonly faults?: MemoryBusFaults | undefined;
  readonly logger?: Logger | undefined;
  /** Buses that share one reach each other; left out, the bus is alone. */
  readonly network?: MemoryNetwork | undefined;
}

/** Request/reply inside one process: the bus of a server that runs in one process, and of tests and simulation. */
export class MemoryBus implements Bus {
  readonly longPollSliceMs = LONG_POLL_SLICE_MS;
  /** Only where the bus is alone and nothing is made to go wrong: everything else is there to try the real way. */
  readonly objects: ObjectLane | undefined;
  readonly #network: MemoryNetwork;
  readonly #deadlines: Deadlines;
  readonly #host: SubscriptionHost;
  readonly #subscriptions = new Set<LocalSubscription>();
  readonly #pending = new Set<PendingReply>();
  readonly #home: PendingHome;
  #isClosed = false;

  constructor(options: MemoryBusOptions) {
    const isAlone = options.network === undefined && options.faults === undefined;
    const request: ObjectLane['request'] = (subject, message, how) => this.#requestObject(subject, message, how);
    this.objects = isAlone ? { request } : undefined;
    this.#network = options.network ?? new MemoryNetwork(options);
    this.#deadlines = new Deadlines(options.clock);
    this.#home = { deadlines: this.#deadlines, onSettled: (pending) => this.#pending.delete(pending) };
    this.#host = {
      scope: new ServingScope(this.#deadlines),
      onClose: (subscription) => this.#leave(subscription),
      onHandlerFailed: (subject, cause) =>
        options.logger?.error({ subject, err: cause }, 'A handler threw instead of answering.'),
    };
  }

  get connected(): boolean {
    return !this.#isClosed;
  }

  status(): BusStatus {
    const subscriptions = [...this.#subscriptions];
    return {
      connected: this.connected,
      connections: [],
      pendingRequests: this.#pending.size,
      runningRequests: subscriptions.reduce((sum, { running }) => sum + running, 0),
      overloadedRequests: this.#host.scope.overloadedRequests,
      filters: new Set(subscriptions.map(({ filter }) => filter)).size,
      droppedMessages: {},
    };
  }

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return bytesOf(await this.#send(subject, payload, options));
  }

  /** An answer is of the kind of its request. */
  #requestObject(subject: string, message: unknown, options: RequestOptions): Promise<Carried> {
    return this.#send(subject, new Carried(message), options) as Promise<Carried>;
  }

  #send(subject: string, payload: Parcel, options: RequestOptions): Promise<Parcel> {
    if (this.#isClosed) return refused('closed', `the bus is closed (${subject})`);
    const bytes = sizeOf(payload);
    if (bytes > MAX_PAYLOAD_BYTES) return refused('tooLarge', `${bytes} bytes (${subject})`);
    const pending = new PendingReply(subject, this.#home, options);
    if (!pending.isSettled) {
      this.#pending.add(pending);
      this.#network.send({ subject, payload, origin: options }, pending);
    }
    return pending.promise;
  }

  serve(filter: string, handler: BusHandler, options: ServeOptions = {}): Subscription {
    if (this.#isClosed) throw new BusFault('closed', `the bus is closed (${filter})`);
    const subscription = new LocalSubscription(filter, handler, { options, host: this.#host });
    this.#subscriptions.add(subscription);
    this.#network.table.add(subscription);
    return subscription;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const drained = Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#host.scope.abortAll();
    await settledWithin(drained, DRAIN_MS, this.#network.clock);
    for (const pending of this.#pending) pending.fail('closed', 'the bus was closed');
    this.#deadlines.stop();
  }

  /** Vanishes as a killed process does: answers nothing that runs, tells nobody, hears nothing. */
  crash(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.kill();
    for (const pending of this.#pending) pending.forget();
    this.#deadlines.stop();
  }

  #leave(subscription: LocalSubscription): void {
    this.#subscriptions.delete(subscription);
    this.#network.table.remove(subscription);
  }
}
