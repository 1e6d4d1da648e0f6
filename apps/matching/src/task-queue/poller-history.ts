import type { Plain, PollTaskRequest, temporal } from '@duramesh/proto';

const TTL_MS = 300_000;
const MAX_POLLERS = 1_000;
/** What is reported of a poller that sets no limit of its own. */
const UNLIMITED_PER_SECOND = 100_000;

interface Seen {
  request: PollTaskRequest;
  atMs: number;
}

/** The limit a worker names for the whole queue; undefined when it names none. */
export function workerLimitOf({ taskQueueMetadata }: PollTaskRequest): number | undefined {
  const limit = taskQueueMetadata?.maxTasksPerSecond;
  return limit ? (limit.value ?? 0) : undefined;
}

/** Who polled lately, one entry per identity. */
export class PollerHistory {
  readonly #seen = new Map<string, Seen>();

  record(request: PollTaskRequest, nowMs: number): void {
    const { identity } = request;
    if (identity === '') return;
    const known = this.#seen.get(identity);
    if (known !== undefined) {
      known.request = request;
      known.atMs = nowMs;
      return;
    }
    if (this.#seen.size >= MAX_POLLERS) this.#forgetOldest();
    this.#seen.set(identity, { request, atMs: nowMs });
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

  #forgetOldest(): void {
    let oldest: string | undefined;
    let oldestMs = Infinity;
    for (const [identity, { atMs }] of this.#seen) {
      if (atMs >= oldestMs) continue;
      oldest = identity;
      oldestMs = atMs;
    }
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
