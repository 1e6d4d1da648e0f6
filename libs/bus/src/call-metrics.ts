import { ServiceError } from '@duramesh/contracts';
import type { Clock, Counter, Histogram, Metrics } from '@duramesh/runtime';

/** Counts the calls of one method. */
export class CallMetrics {
  readonly #clock: Clock;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #requests: Counter;
  readonly #errors: Counter;
  readonly #retries: Counter;
  readonly #latency: Histogram;

  constructor(metrics: Metrics, clock: Clock, labels: Readonly<Record<string, string>>) {
    this.#clock = clock;
    this.#labels = Object.freeze({ ...labels });
    this.#requests = metrics.counter('client_requests', 'Calls to other services.');
    this.#errors = metrics.counter('client_errors', 'Calls to other services that ended in an error, by gRPC code.');
    this.#retries = metrics.counter('client_retries', 'Further tries of calls to other services.');
    this.#latency = metrics.histogram('client_latency', 'Seconds that calls to other services took, with retries');
  }

  started(): number {
    this.#requests.add(1, this.#labels);
    return this.#clock.monotonicMs();
  }

  retried(): void {
    this.#retries.add(1, this.#labels);
  }

  succeeded(startedAtMs: number): void {
    this.#latency.observe((this.#clock.monotonicMs() - startedAtMs) / 1000, this.#labels);
  }

  failed(startedAtMs: number, error: unknown): void {
    const code = error instanceof ServiceError ? String(error.code) : 'none';
    this.#errors.add(1, { ...this.#labels, code });
    this.succeeded(startedAtMs);
  }
}
