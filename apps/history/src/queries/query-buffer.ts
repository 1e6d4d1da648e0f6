import { NotOwnerError } from '@duramesh/bus';
import { resourceExhausted } from '@duramesh/contracts';
import type { StartedWorkflowTask } from '@duramesh/engine';
import type { ExecutionKey } from '@duramesh/persistence';
import type { Plain, QueryTaskReply, temporal } from '@duramesh/proto';
import { type CachedRun, runKeyOf } from '../shard/run-cache.ts';

export type WorkflowQuery = Plain<temporal.api.query.v1.IWorkflowQuery>;

/** What became of a query that waited for a workflow task. */
export type BufferedOutcome =
  | { readonly kind: 'answered'; readonly reply: QueryTaskReply }
  /** No workflow task will carry it: look at the run again. */
  | { readonly kind: 'released' };

interface BufferedQuery {
  readonly id: string;
  readonly query: WorkflowQuery;
  readonly shard: number;
  /** A workflow task has carried it. */
  isSent: boolean;
  readonly settle: (outcome: BufferedOutcome) => void;
}

const BUSY_WORKFLOW = 5;
const SCOPE_NAMESPACE = 1;
/** @see spec-history 7.1 step 5 */
const LIMIT = 1;

/**
 * Queries that must see what a pending workflow task will bring: they ride on it, or on the next one. They live in
 * memory only: their callers wait here and ask again if this process goes away.
 */
export class QueryBuffer {
  readonly #serves: (shard: number) => boolean;
  readonly #byRun = new Map<string, Map<string, BufferedQuery>>();

  constructor(serves: (shard: number) => boolean) {
    this.#serves = serves;
  }

  /**
   * @throws ServiceError RESOURCE_EXHAUSTED when the run has a waiting query already
   * @throws NotOwnerError when the run is not served here any more: its next task goes to somebody else
   */
  add(
    { key, shard }: Pick<CachedRun, 'key' | 'shard'>,
    id: string,
    query: WorkflowQuery,
  ): { readonly outcome: Promise<BufferedOutcome>; drop(): void } {
    if (!this.#serves(shard)) throw new NotOwnerError(`history shard ${shard} is not served here any more`);
    const runKey = runKeyOf(key);
    const waiting = this.#byRun.get(runKey) ?? new Map<string, BufferedQuery>();
    if (waiting.size >= LIMIT) {
      throw resourceExhausted(
        'consistent query buffer is full, this may be caused by too many queries and workflow not able to process query fast enough',
        BUSY_WORKFLOW,
        SCOPE_NAMESPACE,
      );
    }
    this.#byRun.set(runKey, waiting);
    const drop = (): void => this.#remove(runKey, id);
    const outcome = new Promise<BufferedOutcome>((settle) =>
      waiting.set(id, { id, query, shard, isSent: false, settle }),
    );
    return { outcome, drop };
  }

  /**
   * The queries a workflow task of the run carries, by id. They stay until they are answered. A task that is told again
   * carries none that was asked since: they must see what has come since, and the task does not bring it.
   */
  attachable(
    key: ExecutionKey,
    { toldAgain }: Pick<StartedWorkflowTask, 'toldAgain'>,
  ): Readonly<Record<string, WorkflowQuery>> {
    const waiting = this.#byRun.size === 0 ? undefined : this.#byRun.get(runKeyOf(key));
    if (!waiting) return {};
    const carried = [...waiting.values()].filter(({ isSent }) => isSent || !toldAgain);
    for (const query of carried) query.isSent = true;
    return Object.fromEntries(carried.map(({ id, query }) => [id, query]));
  }

  answer(key: ExecutionKey, id: string, reply: QueryTaskReply): void {
    const runKey = runKeyOf(key);
    const query = this.#byRun.get(runKey)?.get(id);
    this.#remove(runKey, id);
    query?.settle({ kind: 'answered', reply });
  }

  /** No workflow task is left to carry the run's queries. */
  release(key: ExecutionKey): void {
    if (this.#byRun.size === 0) return;
    const runKey = runKeyOf(key);
    const waiting = this.#byRun.get(runKey);
    if (!waiting) return;
    this.#byRun.delete(runKey);
    for (const query of waiting.values()) query.settle({ kind: 'released' });
  }

  /** The runs of the shard are served elsewhere from now on: whoever asks looks for them there. */
  leave(shard: number): void {
    for (const [runKey, waiting] of this.#byRun) {
      for (const query of waiting.values()) {
        if (query.shard !== shard) continue;
        this.#byRun.delete(runKey);
        query.settle({ kind: 'released' });
      }
    }
  }

  #remove(runKey: string, id: string): void {
    const waiting = this.#byRun.get(runKey);
    waiting?.delete(id);
    if (waiting?.size === 0) this.#byRun.delete(runKey);
  }
}
