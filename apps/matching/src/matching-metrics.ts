import type { Counter, Histogram, Metrics } from '@duramesh/runtime';

const LABELS: readonly Readonly<Record<string, string>>[] = [
  Object.freeze({ task_type: 'unknown' }),
  Object.freeze({ task_type: 'workflow' }),
  Object.freeze({ task_type: 'activity' }),
  Object.freeze({ task_type: 'nexus' }),
];

/** What the matching service counts, by task type. */
export class MatchingMetrics {
  readonly #pollSuccess: Counter;
  readonly #pollSuccessSync: Counter;
  readonly #pollTimeouts: Counter;
  readonly #tasksStored: Counter;
  readonly #tasksExpired: Counter;
  readonly #offersExpired: Counter;
  readonly #syncLatency: Histogram;
  readonly #asyncLatency: Histogram;

  constructor(metrics: Metrics) {
    this.#pollSuccess = metrics.counter('poll_success', 'Polls that got a task or a query.');
    this.#pollSuccessSync = metrics.counter('poll_success_sync', 'Polls that got a task that was never stored.');
    this.#pollTimeouts = metrics.counter('poll_timeouts', 'Polls that ended without a task.');
    this.#tasksStored = metrics.counter('tasks_stored', 'Tasks that no poller took at once.');
    this.#tasksExpired = metrics.counter('tasks_expired', 'Tasks that waited longer than they were wanted.');
    this.#offersExpired = metrics.counter('offers_expired', 'Tasks whose poller fell silent before it took them.');
    this.#syncLatency = metrics.histogram('syncmatch_latency', 'Seconds that tasks waited which were never stored.');
    this.#asyncLatency = metrics.histogram('asyncmatch_latency', 'Seconds that tasks waited which had to be stored.');
  }

  matched(type: number, { waitedMs, isSync }: { readonly waitedMs: number; readonly isSync: boolean }): void {
    (isSync ? this.#syncLatency : this.#asyncLatency).observe(Math.max(waitedMs, 0) / 1000, LABELS[type]);
  }

  pollSucceeded(type: number, isSync: boolean): void {
    this.#pollSuccess.add(1, LABELS[type]);
    if (isSync) this.#pollSuccessSync.add(1, LABELS[type]);
  }

  pollTimedOut(type: number): void {
    this.#pollTimeouts.add(1, LABELS[type]);
  }

  taskStored(type: number): void {
    this.#tasksStored.add(1, LABELS[type]);
  }

  taskExpired(type: number): void {
    this.#tasksExpired.add(1, LABELS[type]);
  }

  offerExpired(type: number): void {
    this.#offersExpired.add(1, LABELS[type]);
  }
}
