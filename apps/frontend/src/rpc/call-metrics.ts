import { GrpcCode, type ServiceError } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { Counter, Gauge, Histogram, Metrics } from '@duramesh/runtime';
import type { RpcName } from './rpc-types.ts';

type Labels = Readonly<Record<string, string>>;

const SERVICE: Labels = Object.freeze({ service_name: 'frontend' });

const codeNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
];

/** What callers are answered day by day, and nobody needs to look into. @see spec-frontend-worker 14.1 */
const expected: ReadonlySet<GrpcCode> = new Set([
  GrpcCode.CANCELLED,
  GrpcCode.INVALID_ARGUMENT,
  GrpcCode.NOT_FOUND,
  GrpcCode.ALREADY_EXISTS,
  GrpcCode.PERMISSION_DENIED,
  GrpcCode.FAILED_PRECONDITION,
  GrpcCode.OUT_OF_RANGE,
]);

/** Counted by themselves, whether expected or not. */
const ownCounters: readonly (readonly [GrpcCode, string])[] = [
  [GrpcCode.INVALID_ARGUMENT, 'service_errors_invalid_argument'],
  [GrpcCode.NOT_FOUND, 'service_errors_entity_not_found'],
  [GrpcCode.ALREADY_EXISTS, 'service_errors_execution_already_started'],
  [GrpcCode.RESOURCE_EXHAUSTED, 'service_errors_resource_exhausted'],
];

/** Requests, latency and errors by operation and namespace, under the names existing dashboards ask for. */
export class CallMetrics {
  readonly #requests: Counter;
  readonly #latency: Histogram;
  readonly #errors: Counter;
  readonly #errorsByType: Counter;
  readonly #errorsByCode: ReadonlyMap<GrpcCode, Counter>;
  readonly #pending: Gauge;
  #pendingCount = 0;
  /** Label sets are made once, not per call. */
  readonly #labels = new Map<RpcName, Map<string, Labels>>();

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter('service_requests', 'Requests received.');
    this.#latency = metrics.histogram('service_latency', 'Time from request to answer in seconds.');
    this.#errors = metrics.counter('service_errors', 'Requests answered by an error that is not to be expected.');
    this.#errorsByType = metrics.counter('service_error_with_type', 'Requests answered by an error, by its kind.');
    this.#errorsByCode = new Map(
      ownCounters.map(([code, name]) => [code, metrics.counter(name, 'Requests answered by an error of one kind.')]),
    );
    this.#pending = metrics.gauge('service_pending_requests', 'Requests, polls too, that wait for their answers.');
  }

  began(): void {
    this.#pending.set((this.#pendingCount += 1), SERVICE);
  }

  labelsOf(operation: RpcName, namespace: NamespaceRecord | undefined): Labels {
    let byNamespace = this.#labels.get(operation);
    if (!byNamespace) this.#labels.set(operation, (byNamespace = new Map()));
    const name = namespace?.name ?? '_unknown_';
    const known = byNamespace.get(name);
    if (known) return known;
    const labels = Object.freeze({ operation, namespace: name, service_name: 'frontend' });
    byNamespace.set(name, labels);
    return labels;
  }

  done(labels: Labels, tookMs: number): void {
    this.#pending.set((this.#pendingCount -= 1), SERVICE);
    this.#requests.add(1, labels);
    this.#latency.observe(tookMs / 1000, labels);
  }

  failed(labels: Labels, error: ServiceError): void {
    if (!expected.has(error.code)) this.#errors.add(1, labels);
    this.#errorsByCode.get(error.code)?.add(1, labels);
    this.#errorsByType.add(1, { ...labels, error_type: codeNames[error.code] ?? 'Unknown' });
  }
}
