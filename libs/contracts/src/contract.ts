import type { Codec } from '@duramesh/proto';
import { fnv1a32 } from '@duramesh/runtime';

/** One call between services. */
export interface Method<Request, Response> {
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  /** What the request is about: the same key is always served by the same owner. */
  readonly key: (request: Request) => string;
  /** How long one try may take when the caller names no deadline. */
  readonly timeoutMs: number;
  /**
   * `safe`: may be sent again when the outcome of a try is unknown: reads, and writes that know their repetition.
   * `remembered`: the same, for a write that knows its repetition only as long as the run it found is open, or its task is
   * not done. The owner remembers its answer for a while, so a repetition meets the write itself only at another owner.
   * `left`: only when its owner has let go of the partition, so that waiting for the answer is in vain; twice does no harm.
   */
  readonly retry: 'safe' | 'remembered' | 'left' | 'never';
  /** A safe call without an answer is sent again after so long; the client knows a value that fits most. */
  readonly firstTryMs?: number;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyMethod = Method<any, any>;

/** All calls one service answers, and how its work is partitioned. */
export interface Contract<Methods extends Readonly<Record<string, AnyMethod>> = Readonly<Record<string, AnyMethod>>> {
  readonly service: string;
  readonly version: number;
  readonly methods: Methods;
}

export type RequestOf<M> = M extends Method<infer Request, infer _Response> ? Request : never;
export type ResponseOf<M> = M extends Method<infer _Request, infer Response> ? Response : never;

export interface CallOptions {
  /** Overrides the method's timeout, milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** W3C trace context of the caller. */
  readonly traceparent?: string;
}

/** What the answering side knows about a call. */
export interface CallContext {
  /** The partition (shard or slot) the call was addressed to. */
  readonly partition: number;
  /** Aborts when the caller's deadline has passed or the service stops. */
  readonly signal: AbortSignal;
  /** Milliseconds left of the caller's deadline. */
  remainingMs(): number;
  readonly traceparent: string;
  readonly caller: string;
}

export type Client<C extends Contract> = {
  readonly [K in keyof C['methods']]: (
    request: RequestOf<C['methods'][K]>,
    options?: CallOptions,
  ) => Promise<ResponseOf<C['methods'][K]>>;
};

/** What a service implements is what its clients call: a method left out does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['methods']]: (
    request: RequestOf<C['methods'][K]>,
    context: CallContext,
  ) => Promise<ResponseOf<C['methods'][K]>>;
};

export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `history.v1.signal-workflow.42` */
export const subjectOf = (contract: Contract, method: string, partition: number): string =>
  `${contract.service}.v${contract.version}.${kebab(method)}.${partition}`;

/** `history.v1.*.42`: one subscription per owned partition, however many methods there are. */
export const filterOf = (contract: Contract, partition: number): string =>
  `${contract.service}.v${contract.version}.*.${partition}`;

/** The partition of a key. `partitions` is fixed for the life of a cluster. */
export const partitionOf = (key: string, partitions: number): number => fnv1a32(key) % partitions;
