import { type PartitionsOf, resourceExhausted } from '@duramesh/contracts';
import type { TaskQueuePartition } from '@duramesh/proto';
import type { Random } from '@duramesh/runtime';

const NORMAL = 1;
/** Of ResourceExhaustedCause and ResourceExhaustedScope. */
const CONCURRENT_LIMIT = 2;
const SCOPE_NAMESPACE = 1;

/** A poll that was let in. */
export interface AdmittedPoll {
  /** Where it is made. */
  readonly queue: TaskQueuePartition;
  /** To be called once, when it is over. */
  end(): void;
}

export interface OutstandingPollsOptions {
  readonly partitionsOf: PartitionsOf;
  /** Polls of one kind that one namespace may have at this frontend. */
  readonly perNamespace: number;
  readonly random: Random;
  /** Ends them all. */
  readonly stopping: AbortSignal;
}

/**
 * The polls that this frontend carries. Those of a queue with several partitions are spread so that each partition is
 * polled: with as many polls as partitions none is left out. @see spec-matching 1.4, 2.1
 */
export class OutstandingPolls {
  readonly #options: OutstandingPollsOptions;
  readonly #ofNamespace = new Map<string, number>();
  readonly #ofPartition = new Map<string, number[]>();
  /** One listener for all: a signal looks through its listeners whenever one comes or goes. */
  readonly #cancels = new Set<() => void>();

  constructor(options: OutstandingPollsOptions) {
    this.#options = options;
    const cancelAll = (): void => this.#cancels.forEach((cancel) => cancel());
    options.stopping.addEventListener('abort', cancelAll, { once: true });
  }

  /**
   * `cancel` is called when the frontend stops before the poll is over.
   * @throws ServiceError RESOURCE_EXHAUSTED when the namespace has too many
   */
  admit(queue: TaskQueuePartition, cancel: () => void): AdmittedPoll {
    const kind = `${queue.namespaceId}/${queue.type}`;
    const count = this.#ofNamespace.get(kind) ?? 0;
    if (count >= this.#options.perNamespace) {
      throw resourceExhausted('namespace concurrent poller limit exceeded', CONCURRENT_LIMIT, SCOPE_NAMESPACE);
    }
    this.#ofNamespace.set(kind, count + 1);
    const { partition, leave } = this.#spread(queue);
    this.#cancels.add(cancel);
    const end = (): void => {
      this.#cancels.delete(cancel);
      leave?.();
      const left = (this.#ofNamespace.get(kind) ?? 1) - 1;
      if (left > 0) this.#ofNamespace.set(kind, left);
      else this.#ofNamespace.delete(kind);
    };
    return { queue: partition === 0 ? queue : { ...queue, partition }, end };
  }

  #spread(queue: TaskQueuePartition): { readonly partition: number; readonly leave?: () => void } {
    const { read } = queue.kind === NORMAL ? this.#options.partitionsOf(queue) : { read: 1 };
    if (read === 1) return { partition: 0 };
    const key = `${queue.namespaceId}/${queue.type}/${queue.name}`;
    const counts = this.#ofPartition.get(key) ?? Array.from({ length: read }, () => 0);
    this.#ofPartition.set(key, counts);
    const partition = this.#leastPolled(counts);
    counts[partition] = (counts[partition] ?? 0) + 1;
    const leave = (): void => {
      counts[partition] = (counts[partition] ?? 1) - 1;
      if (counts.every((count) => count === 0)) this.#ofPartition.delete(key);
    };
    return { partition, leave };
  }

  /** Among equals one after a random start. */
  #leastPolled(counts: readonly number[]): number {
    const start = Math.floor(this.#options.random.next() * counts.length);
    let least = start;
    for (let i = 1; i < counts.length; i++) {
      const at = (start + i) % counts.length;
      if ((counts[at] ?? 0) < (counts[least] ?? 0)) least = at;
    }
    return least;
  }
}
