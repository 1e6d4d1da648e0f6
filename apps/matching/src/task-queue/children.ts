import type { Client, MatchingContract } from '@duramesh/contracts';
import type { TaskQueuePartition } from '@duramesh/proto';
import type { Clock, Logger, Timer } from '@duramesh/runtime';

/** While workers poll the root its children hear of it so often. */
const WAKE_EVERY_MS = 5_000;
const CALL_MS = 2_000;

export interface ChildrenDeps {
  readonly matching: Client<MatchingContract>;
  readonly root: TaskQueuePartition;
  readonly count: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hasWaitingPolls: () => boolean;
}

/** What the root tells the other partitions of its queue. */
export class Children {
  readonly #deps: ChildrenDeps;
  readonly #children: readonly TaskQueuePartition[];
  #wokenMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(deps: ChildrenDeps) {
    this.#deps = deps;
    this.#children = Array.from({ length: deps.count }, (_, i) => ({ ...deps.root, partition: i + 1 }));
  }

  /** A worker polls: what waits in a child, be it in the store only, comes to the root. */
  wake(): void {
    const { clock } = this.#deps;
    const now = clock.now();
    if (this.#children.length === 0) return;
    if (now - this.#wokenMs >= WAKE_EVERY_MS) {
      this.#wokenMs = now;
      for (const queue of this.#children) this.#send(queue);
    }
    this.#timer ??= clock.schedule(WAKE_EVERY_MS, () => {
      this.#timer = undefined;
      if (this.#deps.hasWaitingPolls()) this.wake();
    });
  }

  /** The configuration of the queue has changed. Who cannot be told finds out later. */
  async reloadConfig(): Promise<void> {
    const { matching, logger, root } = this.#deps;
    const told = this.#children.map((queue) => matching.reloadQueueConfig({ queue }, { timeoutMs: CALL_MS }));
    const failed = (await Promise.allSettled(told)).filter(({ status }) => status === 'rejected');
    if (failed.length > 0) logger.warn({ queue: root.name, partitions: failed.length }, 'partitions could not be told');
  }

  close(): void {
    this.#timer?.cancel();
  }

  #send(queue: TaskQueuePartition): void {
    const { matching, logger } = this.#deps;
    matching.wakePartition({ queue }, { timeoutMs: CALL_MS }).catch((error: unknown) => {
      logger.debug({ error, queue: queue.name, partition: queue.partition }, 'a partition could not be woken');
    });
  }
}
