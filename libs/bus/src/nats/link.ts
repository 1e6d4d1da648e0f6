import { backoffMs, type BackoffPolicy, type Clock, type Logger, type Random } from '@duramesh/runtime';
import type { BusConnection } from '../bus.ts';
import { settledWithin } from '../settled-within.ts';
import { type BrokerAddress, brokerAt, type NatsAccess } from './access.ts';
import { dial, DialFault } from './dial.ts';
import { type OnMessage, Session, type SessionEvents } from './session.ts';
import { isInbox } from './subjects.ts';

export interface LinkOptions {
  /** What this connection is for. */
  readonly name: string;
  /** The name of this process. */
  readonly process: string;
  readonly access: NatsAccess;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A session and all that was sent over it are lost. */
  onSessionDown(session: Session): void;
  onForbidden: SessionEvents['onForbidden'];
}

const REDIAL: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 2_000 };
const CLOSE_MS = 2_000;
/** How long answers may still come over a connection whose broker is shutting down. */
const RETIRE_MS = 5_000;

/**
 * Keeps one connection to the brokers, for ever. Each dial is a connection object of its own: the client library's
 * redialing buffers and drops what is published meanwhile, gives up on some errors, and leaks on every failed try.
 */
export class Link {
  readonly #options: LinkOptions;
  /** By address: those that were named, and those that they told of. */
  readonly #brokers: Map<string, BrokerAddress>;
  readonly #topics = new Map<string, OnMessage>();
  readonly #stopping = new AbortController();
  readonly #retiring = new Set<Session>();
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  #lameDuck: Session | undefined;
  #sessions = 0;
  #downSinceMs: number;
  #fault = '';
  #isRefused = false;
  #running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#brokers = new Map(options.access.brokers.map((broker) => [broker.text, broker]));
    this.#downSinceMs = options.clock.monotonicMs();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The connection requests go out on, while it is up. */
  get session(): Session | undefined {
    return this.#session?.isUp === true ? this.#session : undefined;
  }

  /** Milliseconds for which there has been no connection. */
  get awayMs(): number {
    return this.session === undefined ? this.#options.clock.monotonicMs() - this.#downSinceMs : 0;
  }

  /** Every broker is there and does not want us: waiting does not help. */
  get isRefused(): boolean {
    return this.session === undefined && this.#isRefused;
  }

  get status(): BusConnection {
    const { session } = this;
    const reconnects = Math.max(0, this.#sessions - 1);
    const isUp = session !== undefined;
    const fault = isUp ? '' : this.#fault;
    return { name: this.#options.name, isUp, server: session?.server ?? '', reconnects, fault };
  }

  /** Holds across reconnects. */
  subscribe(subject: string, onMessage: OnMessage): void {
    this.#topics.set(subject, onMessage);
    this.#session?.subscribe(subject, onMessage);
  }

  async unsubscribe(subject: string): Promise<void> {
    this.#topics.delete(subject);
    const done = this.#session?.unsubscribe(subject);
    if (done !== undefined) await settledWithin(done, CLOSE_MS, this.#options.clock);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('closed'));
    this.#wake?.();
    for (const session of this.#retiring) void session.abandon();
    if (this.#running !== undefined) await settledWithin(this.#running, CLOSE_MS, this.#options.clock);
  }

  async #run(): Promise<void> {
    let session = await this.#dialUntil(() => this.#isStopped);
    while (session !== undefined) {
      this.#use(session);
      await this.#untilItEnds(session);
      session = session.isUp ? await this.#leave(session) : await this.#dialAgain();
    }
    await this.#session?.close();
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #use(session: Session): void {
    this.#session = session;
    this.#sessions += 1;
    this.#isRefused = false;
    for (const [subject, onMessage] of this.#topics) session.subscribe(subject, onMessage);
    this.#options.logger.info({ connection: this.#options.name, server: session.server }, 'Connected to the broker.');
  }

  async #untilItEnds(session: Session): Promise<void> {
    if (!session.isUp || this.#lameDuck === session || this.#isStopped) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Waits a little first, so that all clients of a broker that died do not come at one instant. */
  async #dialAgain(): Promise<Session | undefined> {
    await this.#pause(1);
    return this.#dialUntil(() => this.#isStopped);
  }

  /** Moves to another broker before this one closes. Nobody listens for a moment, which callers see as no responders. */
  async #leave(old: Session): Promise<Session | undefined> {
    if (this.#isStopped) return undefined;
    const next = await this.#dialUntil(() => this.#isStopped || !old.isUp, old.server);
    if (next === undefined) return this.#dialAgain();
    this.#session = undefined; // what is subscribed from here on must listen at the next broker only
    const filters = [...this.#topics.keys()].filter((subject) => !isInbox(subject)); // answers may still come
    const left = Promise.all(filters.map((subject) => old.unsubscribe(subject)));
    await settledWithin(left, CLOSE_MS, this.#options.clock);
    this.#retire(old);
    return next;
  }

  #retire(session: Session): void {
    this.#retiring.add(session);
    this.#options.clock.schedule(RETIRE_MS, () => {
      this.#retiring.delete(session);
      void session.abandon();
    });
  }

  async #dialUntil(isOver: () => boolean, avoid = ''): Promise<Session | undefined> {
    for (let attempt = 1; !isOver(); attempt++) {
      const session = await this.#dialOne(isOver, avoid);
      if (session !== undefined && !isOver()) return session;
      if (session !== undefined) await session.abandon();
      else await this.#pause(attempt);
    }
    return undefined;
  }

  /** Tries each broker once, in an order of chance. */
  async #dialOne(isOver: () => boolean, avoid: string): Promise<Session | undefined> {
    const { access, clock, process, name } = this.#options;
    const faults: DialFault[] = [];
    for (const broker of this.#candidates(avoid)) {
      if (isOver()) return undefined;
      try {
        const tlsName = this.#tlsNameOf(broker);
        return new Session(await dial(broker, { name: `${process} ${name}`, access, clock, tlsName }), this.#events);
      } catch (error) {
        faults.push(error instanceof DialFault ? error : new DialFault(String(error), false, { cause: error }));
      }
    }
    this.#isRefused = faults.every(({ isRefusal }) => isRefusal);
    this.#failed([...new Set(faults.map(({ message }) => message))].sort().join('; '));
    return undefined;
  }

  #candidates(avoid: string): readonly BrokerAddress[] {
    const all = [...this.#brokers.values()];
    const others = all.filter(({ text }) => text !== avoid);
    const { random } = this.#options;
    const order = (others.length > 0 ? others : all).map((broker) => ({ broker, turn: random.next() }));
    return order.sort((a, b) => a.turn - b.turn).map(({ broker }) => broker);
  }

  /** Brokers tell of each other by addresses; their certificates are for names. */
  #tlsNameOf({ text }: BrokerAddress): string | undefined {
    const { brokers } = this.#options.access;
    return brokers.some((broker) => broker.text === text) ? undefined : brokers[0]?.host;
  }

  #failed(fault: string): void {
    if (fault === this.#fault) return; // an outage is one line, not one for each try
    this.#fault = fault;
    this.#options.logger.warn({ connection: this.#options.name, reason: fault }, 'The broker cannot be reached.');
  }

  async #pause(attempt: number): Promise<void> {
    const pauseMs = backoffMs(REDIAL, attempt, this.#options.random);
    await this.#options.clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
  }

  readonly #events: SessionEvents = {
    onDown: (session) => {
      this.#options.onSessionDown(session);
      if (session !== this.#session) return;
      this.#downSinceMs = this.#options.clock.monotonicMs();
      this.#fault = 'the connection was lost';
      if (!this.#isStopped) {
        const fields = { connection: this.#options.name, server: session.server };
        this.#options.logger.warn(fields, 'The connection to the broker was lost.');
      }
      this.#wake?.();
    },
    onLameDuck: (session) => {
      this.#lameDuck = session;
      this.#wake?.();
    },
    onServers: (added, deleted) => {
      const isNamed = (address: string): boolean => this.#options.access.brokers.some(({ text }) => text === address);
      for (const broker of added.map(brokerAt)) {
        if (broker !== undefined && !this.#brokers.has(broker.text)) this.#brokers.set(broker.text, broker);
      }
      for (const address of deleted) if (!isNamed(address)) this.#brokers.delete(address);
    },
    onForbidden: (operation, subject) => this.#options.onForbidden(operation, subject),
    onError: (error) =>
      this.#options.logger.warn({ connection: this.#options.name, reason: error.message }, 'The broker objects.'),
  };
}
