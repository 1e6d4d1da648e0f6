import {
  type CallOptions,
  type Client,
  type Contract,
  deadlineExceeded,
  GrpcCode,
  internal,
  partitionOf,
  type RequestOf,
  resourceExhausted,
  ServiceError,
  subjectOf,
  unavailable,
} from '@duramesh/contracts';
import {
  backoffMs,
  type BackoffPolicy,
  type Clock,
  type Metrics,
  noTracer,
  type Random,
  type Tracer,
  unreachable,
} from '@duramesh/runtime';
import {
  type Bus,
  BusFault,
  type CallAttempts,
  MAX_PAYLOAD_BYTES,
  type ObjectLane,
  type RequestOptions,
} from './bus.ts';
import { CallMetrics } from './call-metrics.ts';
import type { Carried } from './parcel.ts';
import { decodeErrorReply, MASKED_ERROR_TEXT, NOT_OWNER, ReplyKind } from './reply.ts';

/** What an API caller reads when no owner of a partition could be reached in time. */
export const OWNER_UNKNOWN_TEXT = 'shard unavailable, please backoff and retry';

/** What an API caller reads when the owner had no room for a request in time. */
const OVERLOADED_TEXT = 'service overloaded, please backoff and retry';
/** Of temporal.api.enums.v1.ResourceExhaustedCause and ResourceExhaustedScope. */
const SYSTEM_OVERLOADED = 3;
const SCOPE_SYSTEM = 2;

const RETRY: BackoffPolicy = { initialMs: 20, coefficient: 2, maximumMs: 500 };
/** Methods that may take longer than this wait for something to happen: one try is not cut short. */
const SHORT_METHOD_MS = 10_000;
/** A lost message is noticed after this long, so that the call is tried again inside its deadline. */
const FIRST_TRY_MS = 2_000;

export interface ClientOptions {
  /** Partitions of the contract's service, fixed for the life of a cluster. */
  readonly partitions: number;
  readonly clock: Clock;
  readonly random: Random;
  /** The name of this process, told to the answering side. */
  readonly caller: string;
  readonly metrics?: Metrics | undefined;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
}

/** Calls to a service: finds the owner by the request's key, retries what may be retried inside the deadline. */
export function createClient<C extends Contract>(bus: Bus, contract: C, options: ClientOptions): Client<C> {
  const calls = Object.keys(contract.methods).map((name) => {
    const calling = new Calling(bus, contract, { ...options, name });
    return [name, (request: Message, callOptions?: CallOptions) => calling.call(request, callOptions ?? {})];
  });
  return Object.fromEntries(calls) as Client<C>;
}

type AnyMethod = Contract['methods'][string];
/** Messages of all methods meet here; the contract pairs them. */
type Message = RequestOf<AnyMethod>;

const NOTHING = new Uint8Array();
const ownerChanged = (): BusFault => new BusFault('noResponders', 'the owner has changed');

class Calling {
  readonly #bus: Bus;
  readonly #contract: Contract;
  readonly #name: string;
  readonly #method: AnyMethod;
  readonly #options: ClientOptions;
  readonly #metrics: CallMetrics | undefined;
  readonly #tracer: Tracer;
  readonly #objects: ObjectLane | undefined;
  readonly #kind: Pick<RequestOptions, 'isLongPoll' | 'mayBeAskedAgain'>;
  readonly #isRepeatable: boolean;
  readonly #firstTryMs: number;
  /** By partition: building one costs more than the rest of a call's routing. */
  readonly #subjects: string[] = [];

  constructor(bus: Bus, contract: Contract, options: ClientOptions & { readonly name: string }) {
    const method = contract.methods[options.name];
    if (method === undefined) throw new TypeError(`no method ${options.name}`);
    this.#bus = bus;
    this.#contract = contract;
    this.#name = options.name;
    this.#method = method;
    this.#options = options;
    this.#objects = bus.objects;
    const isLongPoll = method.timeoutMs > SHORT_METHOD_MS;
    this.#kind = { isLongPoll, mayBeAskedAgain: method.retry !== 'never' };
    this.#isRepeatable = method.retry === 'safe' || method.retry === 'remembered';
    const isCut = this.#isRepeatable && !isLongPoll;
    this.#firstTryMs = isCut ? (method.firstTryMs ?? FIRST_TRY_MS) : Infinity;
    const labels = { service: contract.service, operation: options.name };
    this.#metrics = options.metrics && new CallMetrics(options.metrics, options.clock, labels);
    this.#tracer = options.tracer ?? noTracer;
  }

  call(request: Message, options: CallOptions): Promise<Message> {
    return this.#tracer.isOn ? this.#traced(request, options) : this.#counted(request, options);
  }

  /** A call is a step of what makes it; outside of a trace it is none. */
  #traced(request: Message, options: CallOptions): Promise<Message> {
    const caller = this.#tracer.active();
    if (caller === undefined) return this.#counted(request, { ...options, traceparent: this.#tracer.current() });
    const attributes = { 'duramesh.partition': this.#partition(request) };
    const start = { name: `${this.#contract.service}/${this.#name}`, kind: 'client', attributes } as const;
    return caller.run(start, ({ traceparent }) => this.#counted(request, { ...options, traceparent }));
  }

  async #counted(request: Message, options: CallOptions): Promise<Message> {
    const metrics = this.#metrics;
    const startedAtMs = metrics?.started() ?? 0;
    try {
      const response = await this.#call(request, options);
      metrics?.succeeded(startedAtMs);
      return response;
    } catch (error) {
      metrics?.failed(startedAtMs, error);
      throw error;
    }
  }

  /** Tries until there is an answer; faults are values here, because a retry is the usual answer to them. */
  async #call(request: Message, options: CallOptions): Promise<Message> {
    const { clock, random } = this.#options;
    let remainingMs = options.timeoutMs ?? this.#method.timeoutMs;
    let tryMs = this.#firstTryMs;
    const deadlineMs = clock.monotonicMs() + remainingMs;
    const subject = this.#subject(request);
    const payload = this.#objects ? NOTHING : this.#method.request.encode(request);
    const call = { attempt: 1, firstNumber: 0, isRemembered: this.#method.retry === 'remembered', remainingMs };
    for (; ; call.attempt++) {
      call.remainingMs = remainingMs;
      const how = this.#how(options, Math.min(tryMs, remainingMs), call);
      let outcome: unknown;
      try {
        outcome = this.#objects
          ? this.#unwrap(await this.#objects.request(subject, request, how))
          : this.#decode(await this.#bus.request(subject, payload, how));
      } catch (fault) {
        if (!(fault instanceof BusFault)) throw fault;
        outcome = fault;
      }
      if (!(outcome instanceof BusFault)) return outcome as Message;
      if (outcome.code === 'timeout') tryMs *= 2;
      const pauseMs = backoffMs(RETRY, call.attempt, random);
      remainingMs = deadlineMs - clock.monotonicMs() - pauseMs;
      if (remainingMs <= 0 || !this.#mayRetry(outcome)) throw toServiceError(outcome);
      this.#metrics?.retried();
      this.#tracer.active()?.event('retry', { attempt: call.attempt, reason: outcome.code, 'pause.ms': pauseMs });
      await this.#pause(pauseMs, options.signal);
    }
  }

  #how({ signal, traceparent }: CallOptions, timeoutMs: number, call: CallAttempts): RequestOptions {
    return { timeoutMs, signal, traceparent, caller: this.#options.caller, call, ...this.#kind };
  }

  #unwrap({ message }: Carried): unknown {
    if (message instanceof ServiceError) throw message;
    return message === NOT_OWNER ? ownerChanged() : message;
  }

  #mayRetry(fault: BusFault): boolean {
    if (fault.notExecuted) return true;
    if (fault.code === 'left') return this.#kind.mayBeAskedAgain === true;
    return this.#isRepeatable && (fault.code === 'timeout' || fault.code === 'disconnected');
  }

  #decode(reply: Uint8Array): unknown {
    if (reply[0] === ReplyKind.NOT_OWNER) return ownerChanged();
    if (reply[0] === ReplyKind.ERROR) throw decodeErrorReply(reply);
    if (reply[0] !== ReplyKind.OK) throw internal(`${this.#name}: the answer is of an unknown kind`);
    return this.#method.response.decode(reply.subarray(1));
  }

  async #pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#options.clock.sleep(durationMs, signal);
    } catch (cause) {
      throw toServiceError(new BusFault('aborted', 'the caller gave up', { cause }));
    }
  }

  #partition(request: Message): number {
    return partitionOf(this.#method.key(request), this.#options.partitions);
  }

  #subject(request: Message): string {
    const partition = this.#partition(request);
    return (this.#subjects[partition] ??= subjectOf(this.#contract, this.#name, partition));
  }
}

function toServiceError(fault: BusFault): ServiceError {
  switch (fault.code) {
    case 'aborted':
      return new ServiceError(GrpcCode.CANCELLED, 'context canceled');
    case 'timeout':
      return deadlineExceeded('context deadline exceeded');
    case 'tooLarge':
      return new ServiceError(GrpcCode.RESOURCE_EXHAUSTED, `message larger than max (${MAX_PAYLOAD_BYTES} bytes)`);
    case 'overloaded':
      return resourceExhausted(OVERLOADED_TEXT, SYSTEM_OVERLOADED, SCOPE_SYSTEM);
    case 'handlerFailed':
      return internal(MASKED_ERROR_TEXT);
    case 'noResponders':
    case 'notConnected':
    case 'incompatible':
    case 'forbidden':
    case 'disconnected':
    case 'left':
    case 'closed':
      return unavailable(OWNER_UNKNOWN_TEXT);
    default:
      return unreachable(fault.code);
  }
}
