import type { Carried } from './parcel.ts';

/** Why a request got no answer. */
export type BusFaultCode =
  /** Nobody serves the subject right now: the owner is unknown. Nothing was executed. */
  | 'noResponders'
  /** The connection was down when the request was made. Nothing was executed. */
  | 'notConnected'
  /** The answering side's inbox is full. Nothing was executed. */
  | 'overloaded'
  /** The answering side does not speak this version of the contract. Nothing was executed. */
  | 'incompatible'
  /** The broker does not allow this process to ask. Nothing was executed. */
  | 'forbidden'
  /** The request is above `MAX_PAYLOAD_BYTES` and was not executed, or its answer is. */
  | 'tooLarge'
  /** No answer came in time. The request may have been executed. */
  | 'timeout'
  /** The connection was lost while the answer was awaited. The request may have been executed. */
  | 'disconnected'
  /** The owner has let go of the subject, and this request is not among those that it has answered. Another may have executed it. */
  | 'left'
  /** The handler threw. The request may have been executed. */
  | 'handlerFailed'
  /** The caller's signal aborted. The request may have been executed. */
  | 'aborted'
  /** The bus was closed. The request may have been executed. */
  | 'closed';

/** No request or answer may be larger: what the reference allows between its services. */
export const MAX_PAYLOAD_BYTES = 128 * 1024 * 1024;

/** Requests one subscription runs at once when it names no limit of its own. */
export const DEFAULT_INBOX_LIMIT = 2048;

const NOT_EXECUTED: ReadonlySet<BusFaultCode> = new Set([
  'noResponders',
  'notConnected',
  'overloaded',
  'incompatible',
  'forbidden',
]);

/** A request that got no answer. Callers outside this package see a `ServiceError` instead. */
export class BusFault extends Error {
  override readonly name = 'BusFault';
  readonly code: BusFaultCode;

  constructor(code: BusFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True when the request certainly had no effect, so that anybody may send it again. */
  get notExecuted(): boolean {
    return NOT_EXECUTED.has(this.code);
  }
}

/** A call over all its attempts. Whoever asks counts them, the bus notes how it has sent the first one. */
export interface CallAttempts {
  attempt: number;
  /** 0 until something was sent. */
  firstNumber: number;
  /** Whoever executes an attempt gives its answer to those that follow it. */
  readonly isRemembered: boolean;
  /** What is left of the call when the attempt is made: it may take longer than is waited for this attempt. */
  remainingMs: number;
}

export interface RequestOptions {
  /** Milliseconds until the request fails with `timeout`. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** W3C trace context, carried to the handler. */
  readonly traceparent?: string | undefined;
  /** The name of this process, carried to the handler. */
  readonly caller?: string | undefined;
  /** The call that this request is an attempt of; left out, it is the only one. */
  readonly call?: CallAttempts | undefined;
  /** The answer is expected to take its time: such requests are kept apart from those that should be quick. */
  readonly isLongPoll?: boolean;
  /** The caller asks again when it hears that the owner has left; otherwise it is not told. */
  readonly mayBeAskedAgain?: boolean;
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
 * Throwing anyway is answered as `handlerFailed` and logged.
 */
export type BusHandler = (payload: Uint8Array, context: BusContext) => Promise<Uint8Array>;

/** Carries messages as they are from one part of a process to another. Both sides treat them as read-only. */
export interface ObjectLane {
  request(subject: string, message: unknown, options: RequestOptions): Promise<Carried>;
}

export type ObjectHandler = (message: unknown, context: BusContext) => Promise<unknown>;

export interface ServeOptions {
  /** Answers what comes over the lane for objects; without it such requests find nobody. */
  readonly onObject?: ObjectHandler | undefined;
  /** Requests that may run or wait at once for this subscription; further ones are answered `overloaded`. */
  readonly inboxLimit?: number | undefined;
}

export interface Subscription {
  /** Takes no new requests, then resolves when those that run have been answered. */
  close(): Promise<void>;
}

/** One connection of a bus to a broker. */
export interface BusConnection {
  readonly name: string;
  readonly isUp: boolean;
  /** Address of the broker, empty while there is none. */
  readonly server: string;
  readonly reconnects: number;
  /** Why it is down, in a sentence; empty when it is up. */
  readonly fault: string;
}

/** How a bus stands, for health, metrics and operators. */
export interface BusStatus {
  readonly connected: boolean;
  /** None where nothing leaves the process. */
  readonly connections: readonly BusConnection[];
  /** Requests of this process that wait for their answer. */
  readonly pendingRequests: number;
  /** Requests this process is answering: what fills its inboxes. */
  readonly runningRequests: number;
  /** Requests that were answered `overloaded`, because an inbox was full. */
  readonly overloadedRequests: number;
  /** What this process serves. */
  readonly filters: number;
  /** Messages that were refused, by the reason: from a small closed set. */
  readonly droppedMessages: Readonly<Record<string, number>>;
}

/**
 * Request/reply between processes. At most once: a request is never sent twice by the bus itself.
 * Payloads of any size up to `MAX_PAYLOAD_BYTES`; the adapter chunks.
 */
export interface Bus {
  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  /** Present where nothing ever leaves the process: messages then need no encoding. */
  readonly objects?: ObjectLane | undefined;
  /**
   * `*` in the filter matches one token. The latest subscription of this process to one filter replaces none: both
   * serve in turn. Different filters of one process must not match one subject.
   */
  serve(filter: string, handler: BusHandler, options?: ServeOptions): Subscription;
  /** How long a caller should let one waiting request (a long poll) last before asking again. */
  readonly longPollSliceMs: number;
  /**
   * Whether other processes can be reached and reach this one. A connection that is being replaced does not count while
   * another one carries what it did.
   */
  readonly connected: boolean;
  status(): BusStatus;
  /** Ends every subscription, aborts the signals of requests that run, waits for their answers a while, disconnects. */
  close(): Promise<void>;
}
