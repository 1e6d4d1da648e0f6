/** Why a request got no answer. */
export type BusFaultCode =
  /** Nobody serves the subject right now: the owner is unknown. Nothing was executed. */
  | 'noResponders'
  /** The connection was down when the request was made. Nothing was executed. */
  | 'notConnected'
  /** The answering side's inbox is full. Nothing was executed. */
  | 'overloaded'
  /** No answer came in time. The request may have been executed. */
  | 'timeout'
  /** The connection was lost while the answer was awaited. The request may have been executed. */
  | 'disconnected'
  /** The caller's signal aborted. The request may have been executed. */
  | 'aborted'
  /** The bus was closed. */
  | 'closed';

export class BusFault extends Error {
  override readonly name = 'BusFault';
  readonly code: BusFaultCode;

  constructor(code: BusFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True when the request certainly had no effect, so that anybody may send it again. */
  get notExecuted(): boolean {
    return this.code === 'noResponders' || this.code === 'notConnected' || this.code === 'overloaded';
  }
}

export interface RequestOptions {
  /** Milliseconds until the request fails with `timeout`. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** W3C trace context, carried to the handler. */
  readonly traceparent?: string;
  /** The name of this process, carried to the handler. */
  readonly caller?: string;
  readonly attempt?: number;
}

/** What a handler knows about the request beside its payload. */
export interface BusContext {
  readonly subject: string;
  /** Aborts when the caller's deadline has passed or the bus closes. */
  readonly signal: AbortSignal;
  remainingMs(): number;
  readonly traceparent: string;
  readonly caller: string;
}

/**
 * Answers one request. Must not throw: what goes wrong is part of the answer.
 * Throwing anyway is answered as an internal error and counted.
 */
export type BusHandler = (payload: Uint8Array, context: BusContext) => Promise<Uint8Array>;

export interface ServeOptions {
  /** Requests that may run or wait at once for this subscription; further ones are answered `overloaded`. */
  readonly inboxLimit?: number;
}

export interface Subscription {
  /** Takes no new requests, then resolves when those that run have been answered. */
  close(): Promise<void>;
}

/**
 * Request/reply between processes. At most once: a request is never sent twice by the bus itself.
 * Payloads of any size up to 128 MiB; the adapter chunks.
 */
export interface Bus {
  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  /** `*` in the filter matches one token. The latest subscription of this process to one filter replaces none: both serve in turn. */
  serve(filter: string, handler: BusHandler, options?: ServeOptions): Subscription;
  /** How long a caller should let one waiting request (a long poll) last before asking again. */
  readonly longPollSliceMs: number;
  /** False while the connection is down; for health and metrics. */
  readonly connected: boolean;
  close(): Promise<void>;
}
