import { type Msg, type NatsConnection, PermissionViolationError, type Subscription } from '@nats-io/transport-node';
import { WHOLE_LIMIT_BYTES } from './chunks.ts';
import type { Wire } from './wire.ts';

/** Room for the header and the numbers of a frame. */
const FRAME_OVERHEAD_BYTES = 4 * 1024;
const LEAST_LIMIT_BYTES = 1024;

export interface SessionEvents {
  /** The connection is lost or closed; told once. */
  onDown(session: Session): void;
  /** The broker will shut down soon and sends its clients away. */
  onLameDuck(session: Session): void;
  onServers(added: readonly string[], deleted: readonly string[]): void;
  /** The broker does not allow this process to publish to, or to listen to, a subject. */
  onForbidden(operation: 'publish' | 'subscription', subject: string): void;
  onError(error: Error): void;
}

export type OnMessage = (message: Msg, session: Session) => void;

/** One connection to a broker, from its opening to its end: it never comes back by itself. */
export class Session implements Wire {
  readonly server: string;
  readonly #connection: NatsConnection;
  readonly #events: SessionEvents;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #ended = Promise.withResolvers<void>();
  #isUp = true;

  constructor(connection: NatsConnection, events: SessionEvents) {
    this.#connection = connection;
    this.#events = events;
    this.server = connection.getServer();
    events.onServers(connection.info?.connect_urls ?? [], []);
    void this.#watch();
  }

  /** A broker may be told another limit while it runs, and tells its clients. */
  get limitBytes(): number {
    const maxPayload = this.#connection.info?.max_payload ?? WHOLE_LIMIT_BYTES;
    return Math.max(LEAST_LIMIT_BYTES, Math.min(WHOLE_LIMIT_BYTES, maxPayload - FRAME_OVERHEAD_BYTES));
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Never while the connection is down: what the client library takes then is lost without a word. */
  publish(subject: string, data: Uint8Array, reply?: string): boolean {
    if (!this.#isUp) return false;
    try {
      this.#connection.publish(subject, data, reply === undefined ? undefined : { reply });
      return true;
    } catch (error) {
      this.#events.onError(asError(error));
      return false;
    }
  }

  /** What it listens to. */
  get subjects(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  subscribe(subject: string, onMessage: OnMessage): void {
    if (!this.#isUp || this.#subscriptions.has(subject)) return;
    const callback = (error: Error | null, message: Msg): void => {
      if (error !== null) return; // told as a status too
      try {
        onMessage(message, this);
      } catch (thrown) {
        this.#events.onError(asError(thrown)); // thrown on, it would end the reading of this connection
      }
    };
    this.#subscriptions.set(subject, this.#connection.subscribe(subject, { callback }));
  }

  /** Whether the broker lets this connection listen to the subject; true when it is lost meanwhile. */
  async mayListenTo(subject: string): Promise<boolean> {
    let isAllowed = true;
    const callback = (error: Error | null): void => {
      if (error instanceof PermissionViolationError) isAllowed = false;
    };
    if (!this.#isUp) return true;
    const probe = this.#connection.subscribe(subject, { callback });
    await this.#whileUp(this.#connection.flush());
    if (isAllowed) probe.unsubscribe();
    return isAllowed;
  }

  /** Resolves when what the broker had sent before has been handled. */
  async unsubscribe(subject: string): Promise<void> {
    const subscription = this.#subscriptions.get(subject);
    if (subscription === undefined) return;
    this.#subscriptions.delete(subject);
    if (this.#isUp) await this.#whileUp(subscription.drain());
  }

  /** Sends what is buffered, then ends the connection. */
  async close(): Promise<void> {
    if (this.#isUp) await this.#whileUp(this.#connection.flush());
    await this.abandon();
  }

  async abandon(): Promise<void> {
    this.#down();
    await this.#connection.close().catch(() => undefined);
  }

  /** The client library leaves waiting for ever who waits for a broker that is gone. */
  async #whileUp(work: Promise<void>): Promise<void> {
    await Promise.race([work.catch(() => undefined), this.#ended.promise]);
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection' || status.type === 'close') this.#down();
      else if (status.type === 'ldm') this.#events.onLameDuck(this);
      else if (status.type === 'error') this.#failed(status.error);
      else if (status.type === 'update') this.#events.onServers(status.added ?? [], status.deleted ?? []);
    }
    this.#down();
  }

  #failed(error: Error): void {
    if (error instanceof PermissionViolationError) this.#events.onForbidden(error.operation, error.subject);
    else this.#events.onError(error);
  }

  #down(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#ended.resolve();
    this.#events.onDown(this);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
