import { backoffMs, type BackoffPolicy, type Clock, type Logger, type Random } from '@duramesh/runtime';
import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';
import { settledWithin } from '../settled-within.ts';
import { isInbox } from './subjects.ts';
import { type OnMessage, Session, type SessionEvents } from './session.ts';

/** How to prove who we are to the broker. */
export type NatsAuth = Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>;

export interface LinkOptions {
  readonly name: string;
  readonly servers: readonly string[];
  readonly auth: NatsAuth;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A session and all that was sent over it are lost. */
  onSessionDown(session: Session): void;
}

const REDIAL: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 2_000 };
const DIAL_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 5_000;
const CLOSE_MS = 2_000;
/** How long answers may still come over a connection whose broker is shutting down. */
const RETIRE_MS = 5_000;

/**
 * Keeps one connection to the brokers, for ever. Each dial is a connection object of its own: the client library's
 * redialing buffers and drops what is published meanwhile, gives up on some errors, and leaks on every failed try.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #servers: Set<string>;
  readonly #topics = new Map<string, OnMessage>();
  readonly #stopping = new AbortController();
  readonly #retiring = new Set<Session>();
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  #lameDuck: Session | undefined;
  #sessions = 0;
  #lastError = '';
  #running: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#servers = new Set(options.servers);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The connection requests go out on, while it is up. */
  get session(): Session | undefined {
    return this.#session?.isUp === true ? this.#session : undefined;
  }

  get status(): LinkStatus {
    const { session } = this;
    const { name } = this.#options;
    const reconnects = Math.max(0, this.#sessions - 1);
    return {
      name,
      isConnected: session !== undefined,
      server: session?.server ?? '',
      reconnects,
      lastError: this.#lastError,
    };
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
      const session = await this.#dial(avoid);
      if (session !== undefined && !isOver()) return session;
      if (session !== undefined) await session.abandon();
      else await this.#pause(attempt);
    }
    return undefined;
  }

  async #dial(avoid: string): Promise<Session | undefined> {
    const { name, auth } = this.#options;
    const others = [...this.#servers].filter((server) => !server.endsWith(avoid));
    const servers = avoid === '' || others.length === 0 ? [...this.#servers] : others;
    const limits = { timeout: DIAL_TIMEOUT_MS, pingInterval: PING_INTERVAL_MS, maxPingOut: 2 };
    try {
      const rules = { reconnect: false, ignoreAuthErrorAbort: true, noAsyncTraces: true };
      return new Session(await connect({ name, ...auth, ...limits, ...rules, servers }), this.#sessionEvents);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#lastError) return; // an outage is one line, not one for each try
    this.#lastError = text;
    this.#options.logger.warn({ connection: this.#options.name, reason: text }, 'The broker cannot be reached.');
  }

  async #pause(attempt: number): Promise<void> {
    const pauseMs = backoffMs(REDIAL, attempt, this.#options.random);
    await this.#options.clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
  }

  readonly #sessionEvents: SessionEvents = {
    onDown: (session) => {
      this.#options.onSessionDown(session);
      if (session !== this.#session) return;
      if (!this.#isStopped) {
        const fields = { connection: this.#options.name, server: session.server };
        this.#options.logger.warn(fields, 'The connection to the broker was lost.');
      }
      this.#lastError = '';
      this.#wake?.();
    },
    onLameDuck: (session) => {
      this.#lameDuck = session;
      this.#wake?.();
    },
    onServers: (added, deleted) => {
      const { servers } = this.#options;
      const isConfigured = (address: string): boolean => servers.some((server) => server.endsWith(address));
      for (const address of added) if (!isConfigured(address)) this.#servers.add(address);
      for (const address of deleted) this.#servers.delete(address);
    },
    onError: (error) => this.#failed(error),
  };
}

/** For logs and health. */
export interface LinkStatus {
  readonly name: string;
  readonly isConnected: boolean;
  /** Address of the broker, empty while there is none. */
  readonly server: string;
  readonly reconnects: number;
  readonly lastError: string;
}
