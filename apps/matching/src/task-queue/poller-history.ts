import type { Plain, PollTaskRequest, temporal } from '@duramesh/proto';

const TTL_MS = 300_000;
const MAX_POLLERS = 1_000;
/** What is reported of a poller that sets no limit of its own. */
const UNLIMITED_PER_SECOND = 100_000;

interface Seen {
  readonly request: PollTaskRequest;
  readonly atMs: number;
}

/** The limit a worker names for the whole queue; undefined when it names none. */
export function workerLimitOf({ taskQueueMetadata }: PollTaskRequest): number | undefined {
  const limit = taskQueueMetadata?.maxTasksPerSecond;
  return limit ? (limit.value ?? 0) : undefined;
}

/** Who polled lately, one entry per identity. */
export class PollerHistory {
  /** The one that polled longest ago first. */
  readonly #seen = new Map<string, Seen>();

  record(request: PollTaskRequest, nowMs: number): void {
    const { identity } = request;
    if (identity === '') return;
    this.#seen.delete(identity);
    this.#seen.set(identity, { request, atMs: nowMs });
    for (const [oldest, { atMs }] of this.#seen) {
      if (nowMs - atMs < TTL_MS && this.#seen.size <= MAX_POLLERS) break;
      this.#seen.delete(oldest);
    }
  }

  remove(identity: string): void {
    this.#seen.delete(identity);
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Instance keys of the workers that polled lately. */
  *workerInstanceKeys(): Iterable<string> {
    for (const { request } of this.#seen.values())
      if (request.workerInstanceKey !== '') yield request.workerInstanceKey;
  }

  list(nowMs: number): Plain<temporal.api.taskqueue.v1.IPollerInfo>[] {
    const recent = [...this.#seen.values()].filter(({ atMs }) => nowMs - atMs < TTL_MS);
    return recent.map(({ request, atMs }) => ({
      lastAccessTime: { seconds: Math.floor(atMs / 1_000), nanos: (atMs % 1_000) * 1_000_000 },
      identity: request.identity,
      ratePerSecond: workerLimitOf(request) ?? UNLIMITED_PER_SECOND,
      workerVersionCapabilities: request.workerVersionCapabilities,
      deploymentOptions: request.deploymentOptions,
    }));
  }
}
