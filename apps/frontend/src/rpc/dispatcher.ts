import { failedPrecondition, GrpcCode, invalidArgument, ServiceError, unimplemented } from '@duramesh/contracts';
import { StoreFault } from '@duramesh/persistence';
import type { NamespaceRecord } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { CallMeta } from './call-meta.ts';
import { CallMetrics } from './call-metrics.ts';
import { ClientVersionCheck } from './client-version.ts';
import { HandlerCall } from './handler-call.ts';
import type { FrontendServices, HandlerTable } from './handler.ts';
import { type NamespacedRequest, resolveNamespace } from './namespace-step.ts';
import { type RpcInfo, rpcs } from './rpc-info.ts';
import { type RpcRules, rules as rulesOf } from './rpc-rules.ts';
import type { RpcName } from './rpc-types.ts';
import { requestSpan } from './request-span.ts';
import { masked, serviceErrorOf, truncated } from './service-error-of.ts';

const RETRY_PAUSE_MS = 200;
const MIN_POLL_MS = 2000;
/** gRPC codes after which the same request may well succeed. */
const retryable: ReadonlySet<number> = new Set([GrpcCode.INTERNAL, GrpcCode.UNAVAILABLE]);

type AnyHandler = (request: object, call: HandlerCall) => Promise<object>;

interface Route {
  readonly info: RpcInfo;
  readonly rules: RpcRules;
  readonly handle: AnyHandler;
}

interface Circumstances {
  readonly meta: CallMeta;
  readonly namespace: NamespaceRecord | undefined;
}

/** What every call goes through, in this order: namespace, its state, client version, deadline, retry, handler. */
export class Dispatcher {
  readonly #services: FrontendServices;
  readonly #routes: ReadonlyMap<RpcName, Route>;
  readonly #versions = new ClientVersionCheck();
  readonly #metrics: CallMetrics;
  readonly #lookup;

  constructor(services: FrontendServices, handlers: HandlerTable) {
    this.#services = services;
    this.#metrics = new CallMetrics(services.metrics);
    this.#lookup = { registry: services.namespaces, idBytes: services.limits.idBytes };
    this.#routes = new Map(rpcs.map((info) => [info.name, routeOf(info, handlers)]));
  }

  /**
   * Answers with the response message or with its encoding.
   * @throws ServiceError, and nothing else
   */
  dispatch(name: RpcName, request: object, meta: CallMeta): Promise<object> {
    const route = must(this.#routes.get(name), `no route for ${name}`);
    const { tracer } = this.#services;
    // A poll belongs to no trace before it has got something.
    if (!tracer.isOn || route.rules.isTaskPoll) return this.#answer(route, request, meta);
    const { parent, failure, ...told } = requestSpan(request, meta, route);
    return tracer.begin(parent, { name, kind: 'server', ...told }, (span) => {
      if (failure !== undefined) span.event('task failed', { message: failure });
      return this.#answer(route, request, meta);
    });
  }

  async #answer(route: Route, request: object, meta: CallMeta): Promise<object> {
    const { clock, limits } = this.#services;
    const { name } = route.info;
    const began = clock.monotonicMs();
    this.#metrics.began();
    let namespace: NamespaceRecord | undefined;
    try {
      const found = resolveNamespace(request as NamespacedRequest, route.rules, this.#lookup);
      namespace = found instanceof Promise ? await found : found;
      const refusal = this.#versions.refusal(meta);
      if (refusal) throw refusal;
      if (route.rules.isTaskPoll) requirePollDeadline(meta, clock.now());
      return await this.#run(route, request, new HandlerCall(meta, clock, namespace));
    } catch (error) {
      throw this.#toServiceError(error, route, { meta, namespace });
    } finally {
      const tookMs = clock.monotonicMs() - began;
      this.#metrics.done(this.#metrics.labelsOf(name, namespace), tookMs);
      if (tookMs > limits.slowRequestMs && !route.rules.isTaskPoll) this.#logSlow(name, tookMs, { meta, namespace });
    }
  }

  /** Tries a second time when the first one failed for a reason that may pass. */
  async #run(route: Route, request: object, call: HandlerCall): Promise<object> {
    try {
      return await route.handle(request, call);
    } catch (error) {
      if (!isTransient(error) || call.remainingMs() <= RETRY_PAUSE_MS) throw error;
      this.#services.tracer.active()?.event('retry', { reason: String(error), 'pause.ms': RETRY_PAUSE_MS });
      await this.#services.clock.sleep(RETRY_PAUSE_MS);
    }
    return route.handle(request, call);
  }

  #toServiceError(thrown: unknown, { info }: Route, { meta, namespace }: Circumstances): ServiceError {
    const { clock, limits, logger, stopping } = this.#services;
    const error = serviceErrorOf(thrown, {
      callerIsLate: clock.now() >= meta.deadlineMs - 1,
      stopping: stopping.aborted,
    });
    const answered = truncated(masked(error), limits.errorMessageBytes);
    this.#metrics.failed(this.#metrics.labelsOf(info.name, namespace), answered);
    if (answered.code === GrpcCode.INTERNAL) {
      const where = { operation: info.name, traceparent: meta.header('traceparent') };
      logger.error({ err: thrown, ...where, answer: answered.message }, 'A request failed unexpectedly.');
    }
    return answered;
  }

  #logSlow(operation: RpcName, tookMs: number, { meta, namespace }: Circumstances): void {
    const traceparent = meta.header('traceparent');
    this.#services.logger.warn({ operation, tookMs, namespace: namespace?.name, traceparent }, 'A request took long.');
  }
}

function routeOf(info: RpcInfo, handlers: HandlerTable): Route {
  const unbuilt: AnyHandler = () =>
    Promise.reject(unimplemented(`method ${info.name} is not supported by this server`));
  // The table pairs each name with the handler of exactly this request type.
  const handle = (handlers[info.name] as AnyHandler | undefined) ?? unbuilt;
  return { info, rules: must(rulesOf.get(info.name), `no rules for ${info.name}`), handle };
}

function isTransient(error: unknown): boolean {
  if (error instanceof ServiceError) return retryable.has(error.code);
  return error instanceof StoreFault && error.code !== 'unsupported';
}

function requirePollDeadline(meta: CallMeta, nowMs: number): void {
  if (meta.deadlineMs === Number.POSITIVE_INFINITY) throw invalidArgument('Context timeout is not set.');
  if (meta.deadlineMs - nowMs < MIN_POLL_MS) throw failedPrecondition('Context timeout is too short.');
}
