import type { Client, HistoryContract } from '@duramesh/contracts';
import type { NamespaceStore, VisibilityStore } from '@duramesh/persistence';
import { NamespaceRef } from '@duramesh/proto';
import {
  type Clock,
  type Counter,
  type Logger,
  type Metrics,
  noTracer,
  type Random,
  type Timer,
  type Tracer,
} from '@duramesh/runtime';

export interface RetentionDeps {
  readonly namespaces: Pick<NamespaceStore, 'list'>;
  readonly visibility: Pick<VisibilityStore, 'listClosedBefore'>;
  readonly history: Pick<Client<HistoryContract>, 'deleteExpiredRun'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  readonly sweepEveryMs?: number | undefined;
}

/** About how long an expired run may stay, unless told. */
const SWEEP_EVERY_MS = 600_000;
/** A start has better things to do than to tidy up. */
const FIRST_SWEEP_MS = 60_000;
const PAGE = 100;
const CONCURRENCY = 8;

type Expired = Awaited<ReturnType<VisibilityStore['listClosedBefore']>>[number];

/**
 * Removes closed runs when their namespace's retention is over. Removing twice is harmless, so several processes may
 * sweep; they seldom meet, because each waits for a moment of its own.
 */
export class RetentionSweeper {
  readonly #deps: RetentionDeps;
  readonly #removed: Counter;
  readonly #everyMs: number;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #sweep: Promise<void> | undefined;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#everyMs = deps.sweepEveryMs ?? SWEEP_EVERY_MS;
    this.#removed = deps.metrics.counter('retention_runs_removed', 'Closed runs removed after their retention.');
  }

  start(): void {
    this.#scheduleIn(Math.min(FIRST_SWEEP_MS, this.#everyMs));
  }

  /** Resolves when the sweep that runs has let go of what it was removing. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker stops'));
    this.#timer?.cancel();
    await this.#sweep;
  }

  #scheduleIn(delayMs: number): void {
    if (this.#stopping.signal.aborted) return;
    const jittered = delayMs * (0.5 + this.#deps.random.next());
    this.#timer = this.#deps.clock.schedule(jittered, () => {
      this.#sweep = this.#sweepAll().finally(() => this.#scheduleIn(this.#everyMs));
    });
  }

  async #sweepAll(): Promise<void> {
    const { namespaces, clock, logger } = this.#deps;
    try {
      for (const { id, name, retentionMs } of await namespaces.list()) {
        if (retentionMs > 0) await this.#sweepNamespace(NamespaceRef.create({ id, name }), clock.now() - retentionMs);
      }
    } catch (error) {
      // What is left over is found by the next sweep.
      if (!this.#stopping.signal.aborted) logger.warn({ error }, 'A sweep for expired runs was cut short.');
    }
  }

  /** Page by page, for as long as pages are full and shrink: a run that cannot be removed comes back with the next one. */
  async #sweepNamespace(namespace: NamespaceRef, closedUntilMs: number): Promise<void> {
    const { visibility, logger } = this.#deps;
    for (let isDone = false; !isDone;) {
      this.#stopping.signal.throwIfAborted();
      const page = await visibility.listClosedBefore(namespace.id, closedUntilMs, PAGE);
      const failures = await this.#removeAll(namespace, page);
      const fields = { namespace: namespace.name, runs: page.length, failed: failures.length, error: failures[0] };
      if (failures.length > 0) logger.warn(fields, 'Some runs could not be removed after their retention.');
      else if (page.length > 0) logger.debug(fields, 'Removed runs after their retention.');
      isDone = page.length < PAGE || failures.length === page.length;
    }
  }

  /** @returns what went wrong, per run: one that cannot be removed must not keep the others */
  async #removeAll(namespace: NamespaceRef, runs: readonly Expired[]): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (let at = 0; at < runs.length; at += CONCURRENCY) {
      this.#stopping.signal.throwIfAborted();
      const batch = runs.slice(at, at + CONCURRENCY);
      const results = await Promise.allSettled(batch.map((run) => this.#remove(namespace, run)));
      for (const result of results) if (result.status === 'rejected') failures.push(result.reason);
    }
    return failures;
  }

  async #remove(namespace: NamespaceRef, { workflowId, runId }: Expired): Promise<void> {
    const { history, clock, tracer = noTracer } = this.#deps;
    const startMs = clock.now();
    const options = { signal: this.#stopping.signal };
    const { traceparent } = await history.deleteExpiredRun({ namespace, workflowId, runId }, options);
    // In which trace the run was seen is known only now.
    const attributes = { temporalNamespace: namespace.name, temporalWorkflowId: workflowId, temporalRunId: runId };
    tracer.record(traceparent, { name: 'retention', startMs, attributes });
    this.#removed.add(1);
  }
}
