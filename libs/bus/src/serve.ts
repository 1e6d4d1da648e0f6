import {
  type CallContext,
  type Contract,
  filterOf,
  GrpcCode,
  type Handlers,
  internal,
  invalidArgument,
  kebab,
  type RequestOf,
  ServiceError,
  unimplemented,
} from '@duramesh/contracts';
import { type Counter, type Logger, type Metrics, noTracer, type Tracer } from '@duramesh/runtime';
import type { Bus, BusContext, ServeOptions, Subscription } from './bus.ts';
import { errorReply, MASKED_ERROR_TEXT, NOT_OWNER, notOwnerReply, okReply } from './reply.ts';

/** Thrown by a handler whose process no longer owns the partition: nothing was executed, the caller looks again. */
export class NotOwnerError extends Error {
  override readonly name = 'NotOwnerError';
}

export interface Serving<C extends Contract> extends ServeOptions {
  readonly partition: number;
  readonly handlers: Handlers<C>;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
}

type AnyMethod = Contract['methods'][string];
/** Messages of all methods meet here; the contract pairs them. */
type Message = RequestOf<AnyMethod>;
type Handler = (request: Message, context: CallContext) => Promise<Message>;

interface ServedMethod {
  readonly name: string;
  readonly method: AnyMethod;
  /** In traces. */
  readonly spanName: string;
}

const tables = new WeakMap<Contract, ReadonlyMap<string, ServedMethod>>();

/** The methods of a contract by the token that names them in a subject. */
function methodsOf(contract: Contract): ReadonlyMap<string, ServedMethod> {
  let table = tables.get(contract);
  if (table === undefined) {
    table = new Map(
      Object.entries(contract.methods).map(([name, method]) => {
        return [kebab(name), { name, method, spanName: `${contract.service}/${name}` }];
      }),
    );
    tables.set(contract, table);
  }
  return table;
}

/** Answers the calls addressed to one partition of a contract. */
export function serve<C extends Contract>(bus: Bus, contract: C, serving: Serving<C>): Subscription {
  const partition = new ServedPartition(contract, serving);
  const handler = (payload: Uint8Array, context: BusContext): Promise<Uint8Array> => partition.answer(payload, context);
  return bus.serve(filterOf(contract, serving.partition), handler, {
    inboxLimit: serving.inboxLimit,
    onObject: (message, context) => partition.answerObject(message, context),
  });
}

/** What the subject of a call names. */
interface Found {
  readonly served: ServedMethod | undefined;
  readonly handler: Handler | undefined;
  readonly token: string;
}

class ServedPartition {
  readonly #partition: number;
  readonly #service: string;
  readonly #tokenAt: number;
  readonly #methods: ReadonlyMap<string, ServedMethod>;
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #logger: Logger;
  readonly #failures: Counter | undefined;
  readonly #tracer: Tracer;

  constructor(contract: Contract, serving: Serving<Contract>) {
    this.#partition = serving.partition;
    this.#service = contract.service;
    this.#tokenAt = `${contract.service}.v${contract.version}.`.length;
    this.#methods = methodsOf(contract);
    this.#handlers = serving.handlers;
    this.#logger = serving.logger;
    this.#failures = serving.metrics?.counter('bus_handler_failures', 'Calls a handler failed at for no known reason.');
    this.#tracer = serving.tracer ?? noTracer;
  }

  answer(payload: Uint8Array, context: BusContext): Promise<Uint8Array> {
    const found = this.#find(context);
    if (!this.#tracer.isOn) return this.#answer(found, payload, context);
    return this.#traced(found, context, () => this.#answer(found, payload, context));
  }

  /** The same without encoding: answers the message, a ServiceError, or NOT_OWNER. */
  answerObject(message: unknown, context: BusContext): Promise<unknown> {
    const found = this.#find(context);
    if (!this.#tracer.isOn) return this.#answerObject(found, message, context);
    return this.#traced(found, context, () => this.#answerObject(found, message, context));
  }

  #traced<T>({ served, token }: Found, { traceparent, caller }: BusContext, answer: () => Promise<T>): Promise<T> {
    const attributes = () => ({ 'duramesh.partition': this.#partition, 'duramesh.caller': caller });
    return this.#tracer.run(traceparent, { name: served?.spanName ?? token, kind: 'server', attributes }, answer);
  }

  async #answer({ served, handler, token }: Found, payload: Uint8Array, context: BusContext): Promise<Uint8Array> {
    if (served === undefined || handler === undefined) return errorReply(unimplemented(`unknown method ${token}`));
    let request: Message;
    try {
      request = served.method.request.decode(payload);
    } catch {
      return errorReply(invalidArgument(`${served.name}: the request cannot be decoded`));
    }
    try {
      const response: Message = await handler(request, new ServedCall(this.#partition, context));
      return okReply(served.method.response.encode(response));
    } catch (cause) {
      const error = this.#failed(served.name, cause, context);
      return error === undefined ? notOwnerReply() : errorReply(error);
    }
  }

  async #answerObject({ served, handler, token }: Found, message: unknown, context: BusContext): Promise<unknown> {
    if (served === undefined || handler === undefined) return unimplemented(`unknown method ${token}`);
    try {
      return await handler(message as Message, new ServedCall(this.#partition, context));
    } catch (cause) {
      return this.#failed(served.name, cause, context) ?? NOT_OWNER;
    }
  }

  #find({ subject }: BusContext): Found {
    const token = subject.slice(this.#tokenAt, subject.lastIndexOf('.'));
    const served = this.#methods.get(token);
    return { served, handler: served && this.#handlers[served.name], token };
  }

  /** What the caller is told; undefined when somebody else owns the partition. */
  #failed(operation: string, cause: unknown, { traceparent }: BusContext): ServiceError | undefined {
    this.#tracer.active()?.fail(cause);
    if (cause instanceof NotOwnerError) return undefined;
    if (cause instanceof ServiceError && cause.code !== GrpcCode.OK) return cause;
    this.#failures?.add(1, { service: this.#service, operation });
    const where = { service: this.#service, operation, partition: this.#partition, traceparent };
    this.#logger.error({ ...where, err: cause }, 'A call failed.');
    return internal(MASKED_ERROR_TEXT);
  }
}

class ServedCall implements CallContext {
  readonly partition: number;
  readonly #context: BusContext;

  constructor(partition: number, context: BusContext) {
    this.partition = partition;
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get traceparent(): string {
    return this.#context.traceparent;
  }

  get caller(): string {
    return this.#context.caller;
  }

  remainingMs(): number {
    return this.#context.remainingMs();
  }
}
