import { NotOwnerError } from '@duramesh/bus';
import { directiveOf } from '@duramesh/engine';
import {
  deadlineExceeded,
  errorDetail,
  GrpcCode,
  isStickyWorkerUnavailable,
  notFound,
  type QueryWorkflowResponse,
  ServiceError,
  unavailable,
} from '@duramesh/contracts';
import { type ExecutionInfo, type QueryTaskReply, QueryTaskRequest, RunState } from '@duramesh/proto';
import type { HistoryDeps, MatchingClient } from '../deps.ts';
import type { Owner, RunRef } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import type { BufferedOutcome, QueryBuffer, WorkflowQuery } from './query-buffer.ts';

const STATUS = { running: 1, completed: 2, paused: 8 } as const;
const REJECT = { notOpen: 2, notCompletedCleanly: 3 } as const;
const WORKFLOW = 1;
const NORMAL = 1;
const STICKY = 2;
const ANSWERED = 1;
/** A workflow task that failed this often cannot answer either. */
const FAILING_ATTEMPT = 3;
const TIMED_OUT = 'query timed out before a worker could process it';

export interface QueryRequest {
  readonly namespace: string;
  readonly ref: RunRef;
  readonly query: WorkflowQuery;
  readonly rejectCondition: number;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

export interface QueryWorkflowParts {
  readonly owner: Owner;
  readonly matching: MatchingClient;
  readonly buffer: QueryBuffer;
  /** Whether the shard is served here; not any more once it is being left. */
  readonly serves: (shard: number) => boolean;
}

const notReady = (message: string): ServiceError =>
  new ServiceError(GrpcCode.FAILED_PRECONDITION, message, [errorDetail('WorkflowNotReadyFailure', {})]);

/** Asks a run a question, consistent with everything that was acknowledged before. @see spec-history 7.1 */
export class QueryWorkflow {
  readonly #deps: HistoryDeps;
  readonly #owner: Owner;
  readonly #matching: MatchingClient;
  readonly #buffer: QueryBuffer;
  readonly #serves: QueryWorkflowParts['serves'];
  /** What matching is asked on behalf of which shard. */
  readonly #asking = new Set<{ readonly shard: number; readonly end: AbortController }>();

  constructor(deps: HistoryDeps, parts: QueryWorkflowParts) {
    this.#deps = deps;
    this.#owner = parts.owner;
    this.#matching = parts.matching;
    this.#buffer = parts.buffer;
    this.#serves = parts.serves;
  }

  /** The shard goes to another owner, who asks again: this one must not wait for its workers. */
  leave(shard: number): void {
    for (const asking of this.#asking) if (asking.shard === shard) asking.end.abort();
  }

  async ask(request: QueryRequest): Promise<QueryWorkflowResponse> {
    let { ref } = request;
    for (;;) {
      const run = await this.#owner.read(ref);
      const answer = await this.#tryAsk(run, request);
      if (answer) return answer;
      // Whatever took the workflow task away, the run may have been paused or closed by it.
      ref = { ...ref, runId: run.key.runId };
    }
  }

  /** Undefined when the workflow task that was to carry the query will not come. */
  async #tryAsk(run: CachedRun, request: QueryRequest): Promise<QueryWorkflowResponse | undefined> {
    const { info } = run.state;
    const rejected = rejectedStatus(info, request.rejectCondition);
    if (rejected !== undefined) {
      return { queryRejected: { status: rejected }, link: link(request, info, 'Query rejected') };
    }
    this.#assertReady(info, request);
    const reply = await this.#answer(run, request);
    if (!reply) return undefined;
    const { failure, errorMessage, errorCode } = reply;
    if (errorCode === GrpcCode.NOT_FOUND) throw notFound(errorMessage);
    if (errorCode !== 0) throw unavailable(errorMessage);
    if (reply.resultType !== ANSWERED) {
      const detail = errorDetail('QueryFailedFailure', failure ? { failure } : {});
      throw new ServiceError(GrpcCode.INVALID_ARGUMENT, errorMessage, [detail]);
    }
    return { queryResult: reply.answer, link: link(request, info, 'Query processed') };
  }

  #assertReady(info: ExecutionInfo, request: QueryRequest): void {
    const closed = info.state === RunState.RUN_STATE_COMPLETED;
    if (closed && info.previousStartedEventId === 0) {
      throw notReady('Workflow execution closed before WorkflowTaskStarted event');
    }
    // An update calls for the worker before the run is due to begin.
    const isBegun = info.workflowTask !== undefined || info.previousStartedEventId > 0;
    if (!closed && !isBegun && info.backoffUntilMs > this.#deps.clock.now() + request.remainingMs()) {
      throw notReady('Workflow task is not scheduled yet.');
    }
    if ((info.workflowTask?.attempt ?? info.nextWorkflowTaskAttempt) >= FAILING_ATTEMPT) {
      throw notReady('Unable to query workflow due to Workflow Task in failed state.');
    }
  }

  async #answer(run: CachedRun, request: QueryRequest): Promise<QueryTaskReply | undefined> {
    const { info } = run.state;
    const closed = info.state === RunState.RUN_STATE_COMPLETED;
    const mayAskDirectly = info.previousStartedEventId > 0 && (closed || info.workflowTask === undefined);
    if (mayAskDirectly) return this.#askDirectly(run, request);
    const outcome = await this.#waitForWorkflowTask(run, request);
    return outcome.kind === 'answered' ? outcome.reply : undefined;
  }

  async #waitForWorkflowTask(run: CachedRun, request: QueryRequest): Promise<BufferedOutcome> {
    const entry = this.#buffer.add(run, this.#deps.ids.uuid(), request.query);
    try {
      return await this.#buffered(entry.outcome, request);
    } finally {
      entry.drop();
    }
  }

  async #buffered(outcome: Promise<BufferedOutcome>, { remainingMs, signal }: QueryRequest): Promise<BufferedOutcome> {
    const done = new AbortController();
    const late = this.#deps.clock.sleep(remainingMs(), AbortSignal.any([signal, done.signal])).then(
      () => undefined,
      () => undefined,
    );
    const settled = await Promise.race([outcome, late]);
    done.abort(settled);
    if (settled === undefined) throw deadlineExceeded(TIMED_OUT);
    return settled;
  }

  async #askDirectly(run: CachedRun, request: QueryRequest): Promise<QueryTaskReply> {
    const sticky = run.state.info.sticky;
    if (sticky) {
      const timeoutMs = Math.min(sticky.scheduleToStartTimeoutMs, request.remainingMs());
      const reply = await this.#askSticky(run, request, { name: sticky.name, timeoutMs });
      if (reply) return reply;
      await this.#forgetSticky(run);
    }
    return this.#askQueue(run, request, { name: run.state.info.taskQueue, timeoutMs: request.remainingMs() });
  }

  /** undefined when the sticky worker is away. */
  async #askSticky(
    run: CachedRun,
    request: QueryRequest,
    queue: { readonly name: string; readonly timeoutMs: number },
  ): Promise<QueryTaskReply | undefined> {
    try {
      return await this.#askQueue(run, request, { ...queue, normalName: run.state.info.taskQueue });
    } catch (error) {
      if (isStickyWorkerUnavailable(error)) return undefined;
      if (error instanceof ServiceError && error.code === GrpcCode.DEADLINE_EXCEEDED) return undefined;
      throw error;
    }
  }

  async #forgetSticky(run: CachedRun): Promise<void> {
    if (run.state.info.state === RunState.RUN_STATE_COMPLETED) return;
    try {
      await this.#owner.execute(run.key, 'ResetSticky', {});
    } catch (error) {
      this.#deps.logger.debug({ error, ...run.key }, 'stickiness could not be cleared');
    }
  }

  async #askQueue(
    run: CachedRun,
    request: QueryRequest,
    queue: { readonly name: string; readonly timeoutMs: number; readonly normalName?: string },
  ): Promise<QueryTaskReply> {
    const { namespaceId, workflowId, runId } = run.key;
    const normalName = queue.normalName ?? '';
    const kind = normalName === '' ? NORMAL : STICKY;
    const task = QueryTaskRequest.create({
      queue: { namespaceId, name: queue.name, type: WORKFLOW, kind, partition: 0, normalName },
      workflowId,
      runId,
      query: request.query,
      version: directiveOf(run.state.info),
    });
    // Who has left already looks for nobody whom it would have to wait for.
    if (!this.#serves(run.shard)) throw new NotOwnerError(`history shard ${run.shard} is not served here any more`);
    const end = new AbortController();
    const asking = { shard: run.shard, end };
    this.#asking.add(asking);
    try {
      const signal = AbortSignal.any([request.signal, end.signal]);
      return await this.#matching.queryTask(task, { timeoutMs: queue.timeoutMs, signal });
    } catch (error) {
      if (end.signal.aborted) throw new NotOwnerError(`history shard ${run.shard} was left while a worker was asked`);
      if (error instanceof ServiceError && error.code === GrpcCode.DEADLINE_EXCEEDED) throw deadlineExceeded(TIMED_OUT);
      throw error;
    } finally {
      this.#asking.delete(asking);
    }
  }
}

/** The status to reject with, when the condition or a pause forbids to ask. */
function rejectedStatus({ status }: ExecutionInfo, condition: number): number | undefined {
  if (status === STATUS.running) return undefined;
  if (status === STATUS.paused || condition === REJECT.notOpen) return status;
  return condition === REJECT.notCompletedCleanly && status !== STATUS.completed ? status : undefined;
}

function link(request: QueryRequest, info: ExecutionInfo, reason: string): QueryWorkflowResponse['link'] {
  return {
    workflow: { namespace: request.namespace, workflowId: info.workflowId, runId: info.runId, reason },
  };
}
