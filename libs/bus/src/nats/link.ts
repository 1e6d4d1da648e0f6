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
  onSessionUp(): void;
  onForbidden: SessionEvents['onForbidden'];
  /** From `true` to `false` this connection is two, and a request may come by both. */
  readonly onOverlap: (isBegin: boolean) => void;
}

const REDIAL: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 2_000 };
const CLOSE_MS = 2_000;
/** How long answers, those of long polls too, may still come over a connection whose broker is shutting down. */
const RETIRE_MS = 8_000;
/** By then every broker of a cluster knows who listens where. */
const KNOWN_MS = 500;

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
      session = session.isUp ? await this.#leave(session) : await this.#dialAgain(session.server);
    }
    await this.#session?.close();
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #use(session: Session): void {
    if (this.#session === session) return;
    this.#session = session;
    this.#sessions += 1;
    this.#isRefused = false;
    for (const [subject, onMessage] of this.#topics) session.subscribe(subject, onMessage);
    this.#options.onSessionUp();
    this.#options.logger.info({ connection: this.#options.name, server: session.server }, 'Connected to the broker.');
  }

  async #untilItEnds(session: Session): Promise<void> {
    if (!session.isUp || this.#lameDuck === session || this.#isStopped) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Waits a little first, so that all clients of a broker that died do not come at one instant. */
  async #dialAgain(lost: string): Promise<Session | undefined> {
    await this.#pause(1);
    return this.#dialUntil(() => this.#isStopped, lost);
  }

  /**
   * Moves to another broker before this one closes. It listens at both until all brokers know of the new place: what is
   * on its way to the old one when it stops listening there would be lost without a word.
   */
  async #leave(old: Session): Promise<Session | undefined> {
    if (this.#isStopped) return undefined;
    const { clock, onOverlap } = this.#options;
    const next = await this.#dialUntil(() => this.#isStopped || !old.isUp, old.server);
    if (next === undefined) return this.#dialAgain(old.server);
    onOverlap(true);
    this.#use(next);
    await this.#wait(KNOWN_MS);
    const filters = old.subjects.filter((subject) => !isInbox(subject)); // answers may still come
    await settledWithin(Promise.all(filters.map((subject) => old.unsubscribe(subject))), CLOSE_MS, clock);
    clock.schedule(KNOWN_MS, () => onOverlap(false));
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

  /** `lost`: the broker to try last. */
  async #dialUntil(isOver: () => boolean, lost = ''): Promise<Session | undefined> {
    for (let attempt = 1; !isOver(); attempt++) {
      const session = await this.#dialOne(isOver, lost);
      if (session !== undefined && !isOver()) return session;
      if (session !== undefined) await session.abandon();
      else await this.#pause(attempt);
    }
    return undefined;
  }

  /** Tries each broker once. */
  async #dialOne(isOver: () => boolean, lost: string): Promise<Session | undefined> {
    const { access, clock, process, name } = this.#options;
    const faults: DialFault[] = [];
    for (const broker of this.#inOrder(lost)) {
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

  /** By chance, and the one that was lost last: if it hangs, asking it takes seconds. */
  #inOrder(lost: string): readonly BrokerAddress[] {
    const { random } = this.#options;
    const turns = [...this.#brokers.values()].map((broker) => {
      return { broker, turn: broker.text === lost ? 1 : random.next() };
    });
    return turns.sort((a, b) => a.turn - b.turn).map(({ broker }) => broker);
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

  #pause(attempt: number): Promise<void> {
    return this.#wait(backoffMs(REDIAL, attempt, this.#options.random));
  }

  async #wait(durationMs: number): Promise<void> {
    await this.#options.clock.sleep(durationMs, this.#stopping.signal).catch(() => undefined);
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
