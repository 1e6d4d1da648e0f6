import type { ServiceError } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import type { Counter, Histogram, Metrics } from '@duramesh/runtime';
import type { RpcName } from './rpc-types.ts';

type Labels = Readonly<Record<string, string>>;

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

/** Requests, latency and errors by operation and namespace, under the names existing dashboards ask for. */
export class CallMetrics {
  readonly #requests: Counter;
  readonly #latency: Histogram;
  readonly #errors: Counter;
  readonly #errorsByType: Counter;
  /** Label sets are made once, not per call. */
  readonly #labels = new Map<RpcName, Map<string, Labels>>();

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter('service_requests', 'Requests received.');
    this.#latency = metrics.histogram('service_latency', 'Time from request to answer in seconds.');
    this.#errors = metrics.counter('service_errors', 'Requests answered by an error.');
    this.#errorsByType = metrics.counter('service_error_with_type', 'Requests answered by an error, by its kind.');
  }

  labelsOf(operation: RpcName, namespace: NamespaceRecord | undefined): Labels {
    let byNamespace = this.#labels.get(operation);
    if (!byNamespace) this.#labels.set(operation, (byNamespace = new Map()));
    const name = namespace?.name ?? '_unknown_';
    const known = byNamespace.get(name);
    if (known) return known;
    const labels = { operation, namespace: name, service_name: 'frontend' };
    byNamespace.set(name, labels);
    return labels;
  }

  done(labels: Labels, tookMs: number): void {
    this.#requests.add(1, labels);
    this.#latency.observe(tookMs / 1000, labels);
  }

  failed(labels: Labels, error: ServiceError): void {
    this.#errors.add(1, labels);
    this.#errorsByType.add(1, { ...labels, error_type: codeNames[error.code] ?? 'Unknown' });
  }
}
