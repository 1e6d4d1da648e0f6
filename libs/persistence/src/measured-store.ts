import { type Clock, type Counter, type Histogram, type Metrics, noTracer, type Tracer } from '@duramesh/runtime';
import type { Store } from './api/store.ts';

export interface MeasuredStoreOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | undefined;
}

type Labels = Readonly<Record<string, string>>;
type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** A transition waits for nothing else: its step says as much. */
const UNTRACED: ReadonlySet<string> = new Set(['Executions.Commit']);

/** What calls to some ports of a store come to, under the names existing dashboards ask for. */
class Measures {
  readonly #clock: Clock;
  readonly #tracer: Tracer;
  readonly #requests: Counter;
  readonly #errors: Counter;
  readonly #errorsByType: Counter;
  readonly #latency: Histogram;

  constructor({ clock, metrics, tracer = noTracer }: MeasuredStoreOptions, prefix: string) {
    this.#clock = clock;
    this.#tracer = tracer;
    this.#requests = metrics.counter(`${prefix}_requests`, 'Calls to the store.');
    this.#errors = metrics.counter(`${prefix}_errors`, 'Calls to the store that failed.');
    this.#errorsByType = metrics.counter(`${prefix}_error_with_type`, 'Calls to the store that failed, by their kind.');
    this.#latency = metrics.histogram(`${prefix}_latency`, 'Time a call to the store took, in seconds.');
  }

  /** The same port, every call of which is counted and timed. */
  port<T extends object>(portName: string, port: T): T {
    const entries = methodsOf(port).map(([name, call]) => {
      const operation = `${portName}.${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      const labels = Object.freeze({ operation });
      const timed: Call = (...args) => this.#timed(labels, () => call.apply(port, [...args]));
      return [name, UNTRACED.has(operation) ? timed : this.#traced(operation, timed)];
    });
    // Every method of the port is there, and ports have nothing else.
    return Object.fromEntries(entries) as T;
  }

  #traced(operation: string, call: Call): Call {
    if (!this.#tracer.isOn) return call;
    return (...args) => {
      const caller = this.#tracer.active();
      return caller === undefined
        ? call(...args)
        : caller.run({ name: `persistence/${operation}` }, () => call(...args));
    };
  }

  async #timed(labels: Labels, call: () => Promise<unknown>): Promise<unknown> {
    const startedAtMs = this.#clock.monotonicMs();
    this.#requests.add(1, labels);
    try {
      return await call();
    } catch (error) {
      this.#errors.add(1, labels);
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      this.#errorsByType.add(1, { ...labels, error_type: code });
      throw error;
    } finally {
      this.#latency.observe((this.#clock.monotonicMs() - startedAtMs) / 1000, labels);
    }
  }
}

/** Methods of an object and of its classes. */
function methodsOf(port: object): readonly (readonly [string, Call])[] {
  const methods = new Map<string, Call>();
  for (let at = port; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const value: unknown = Reflect.get(port, name);
      if (name !== 'constructor' && typeof value === 'function' && !methods.has(name)) methods.set(name, value as Call);
    }
  }
  return [...methods];
}

/** The store with each call counted and timed, and seen in traces. */
export function measuredStore(store: Store, options: MeasuredStoreOptions): Store {
  const [data, lists] = [new Measures(options, 'persistence'), new Measures(options, 'visibility_persistence')];
  return {
    name: store.name,
    executions: data.port('Executions', store.executions),
    taskQueues: data.port('TaskQueues', store.taskQueues),
    leases: data.port('Leases', store.leases),
    namespaces: data.port('Namespaces', store.namespaces),
    cluster: data.port('Cluster', store.cluster),
    visibility: lists.port('Visibility', store.visibility),
    inspection: store.inspection,
    resharding: store.resharding,
    stats: store.stats,
    close: () => store.close(),
  };
}
