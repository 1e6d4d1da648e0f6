import { ServiceError, type StartWorkflowResponse } from '@duramesh/contracts';
import { EVENT_TYPES, runStartedBy, updateAbortedByClose, type UpdateProgress, updateProgress } from '@duramesh/engine';
import {
  type NamespaceRef,
  type Plain,
  RunState,
  type temporal,
  type UpdateWithStartCall,
  type UpdateWithStartReply,
} from '@duramesh/proto';
import { toServiceError } from '../refusals.ts';
import { mapPlan, type Plan, type WorkflowView } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { step } from '../shard/step.ts';
import { updateAnswer } from '../updates/await-update.ts';
import type { UpdateWatch } from '../updates/update-waiters.ts';
import { requirePolledVersion } from '../worker-deployments/pinned-version.ts';
import { type Handler, type HandlerParts, namespaceOf } from './handler.ts';
import { answer, plan as planStart } from './start-workflow.ts';

type OperationStatus = Plain<temporal.api.errordetails.v1.MultiOperationExecutionFailure.IOperationStatus>;

const USE_EXISTING = 2;
const STATUS_RUNNING = 1;

/** What was decided: both operations, or the start alone. */
type Decided =
  | { readonly kind: 'started'; readonly start: StartWorkflowResponse }
  | { readonly kind: 'joined'; readonly runId: string; readonly progress: UpdateProgress }
  | { readonly kind: 'known'; readonly run: CachedRun; readonly progress: UpdateProgress }
  | { readonly kind: 'refused'; readonly start: StartWorkflowResponse | undefined; readonly error: ServiceError };

/**
 * Starts a workflow with an update that waits for its first workflow task, or updates the running one: decided under one
 * lock, and in one write. What comes of the update is waited for afterwards, by the same watch. @see spec-history 1.7
 */
export const updateWithStart: Handler<'updateWithStart'> = (parts) => async (call) => {
  const { updateWaiters, owner } = parts;
  const namespace = namespaceOf(call);
  const workflowId = call.start?.workflowId ?? '';
  const { versioningOverride, taskQueue } = call.start ?? {};
  await requirePolledVersion(parts, versioningOverride, {
    namespaceId: namespace.id,
    taskQueue: taskQueue?.name ?? '',
  });
  const watch = updateWaiters.watch(call.update?.request?.meta?.updateId ?? '');
  try {
    const ref = { namespaceId: namespace.id, namespace, workflowId };
    const decide = (view: WorkflowView): Promise<Plan<Decided>> =>
      new Deciding(parts, { namespace, call, watch }).decide(view);
    const decided = await owner.transact(ref, decide, 'UpdateWithStart');
    return await tell(parts, { namespace, call, watch }, decided);
  } catch (error) {
    updateWaiters.close(watch);
    throw error;
  }
};

interface Asked {
  readonly namespace: NamespaceRef;
  readonly call: UpdateWithStartCall;
  readonly watch: UpdateWatch;
}

/** One try at a decision, on the runs as they are under the lock. */
class Deciding {
  readonly #parts: HandlerParts;
  readonly #asked: Asked;

  constructor(parts: HandlerParts, asked: Asked) {
    this.#parts = parts;
    this.#asked = asked;
  }

  async decide(view: WorkflowView): Promise<Plan<Decided>> {
    const runId = await view.currentRunId();
    const current = runId === undefined ? undefined : await view.load(runId);
    const progress = current && updateProgress(current.state, this.#asked.watch.updateId);
    if (current && progress && this.#isAnswer(current, progress)) {
      this.#listenTo(current.key.runId);
      return { kind: 'answer', result: { kind: 'known', run: current, progress } };
    }
    if (current && this.#goesTo(current, progress)) return this.#join(view, current);
    return this.#start(view, current);
  }

  /** Told of the update before it is there, so that nothing of it is missed. */
  #listenTo(runId: string): void {
    const { namespace, call, watch } = this.#asked;
    const key = { namespaceId: namespace.id, workflowId: call.start?.workflowId ?? '', runId };
    this.#parts.updateWaiters.attach(watch, { key, shard: this.#parts.owner.shardOf(key) });
  }

  /** The run, or the chain it continues, was started by this very request. */
  #isStartOf({ state }: CachedRun): boolean {
    return runStartedBy(this.#asked.call.start?.requestId ?? '', state.info) !== undefined;
  }

  #isAnswer(run: CachedRun, { kind }: UpdateProgress): boolean {
    return kind === 'recorded' || (kind === 'completed' && this.#isStartOf(run));
  }

  /** The running workflow takes the update, whatever the policy says, if it is its own or was started by this request. */
  #goesTo(run: CachedRun, progress: UpdateProgress | undefined): boolean {
    if (run.state.info.state === RunState.RUN_STATE_COMPLETED) return false;
    const isWelcome = this.#asked.call.start?.workflowIdConflictPolicy === USE_EXISTING;
    return isWelcome || progress !== undefined || this.#isStartOf(run);
  }

  async #join(view: WorkflowView, run: CachedRun): Promise<Plan<Decided>> {
    this.#listenTo(run.key.runId);
    const request = this.#asked.call.update?.request ?? {};
    const command = { request, firstExecutionRunId: '' };
    try {
      const plan = await step(view, run, { name: 'AdmitUpdate', command });
      return mapPlan(plan, ({ reply: progress }) => ({ kind: 'joined', runId: run.key.runId, progress }));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { kind: 'answer', result: { kind: 'refused', start: undefined, error } };
    }
  }

  #start(view: WorkflowView, current: CachedRun | undefined): Plan<Decided> {
    const { namespace, call } = this.#asked;
    const request = call.start ?? {};
    const starting = { namespace, request, kind: 'start' as const, update: call.update?.request ?? {} };
    return mapPlan(planStart(view, starting, current), (result) => {
      const start = answer(namespace, request, result);
      // The run that this very request started has ended before the request was answered.
      if (result.kind !== 'create') return { kind: 'refused', start, error: toServiceError(updateAbortedByClose) };
      this.#listenTo(result.runId);
      return { kind: 'started', start };
    });
  }
}

async function tell(parts: HandlerParts, asked: Asked, decided: Decided): Promise<UpdateWithStartReply> {
  const { namespace, call, watch } = asked;
  switch (decided.kind) {
    case 'started':
      parts.updateWaiters.park(call.watchId, watch);
      return { start: decided.start };
    case 'joined':
      watch.begin(decided.progress);
      parts.updateWaiters.park(call.watchId, watch);
      return { start: startOfExisting(asked, decided.runId) };
    case 'known': {
      const { run, progress } = decided;
      const { link: _link, ...update } = await updateAnswer(parts, namespace, { watch, progress });
      parts.updateWaiters.close(watch);
      return { start: { runId: run.key.runId, status: run.state.info.status }, update };
    }
    case 'refused':
      parts.updateWaiters.close(watch);
      return { start: decided.start, updateError: statusOf(decided.error) };
  }
}

function startOfExisting({ namespace, call }: Asked, runId: string): StartWorkflowResponse {
  const eventRef = { eventId: 1, eventType: EVENT_TYPES.WorkflowExecutionStarted };
  const workflowEvent = { namespace: namespace.name, workflowId: call.start?.workflowId, runId, eventRef };
  return { runId, status: STATUS_RUNNING, link: { workflowEvent } };
}

const statusOf = ({ code, message, details }: ServiceError): OperationStatus => ({ code, message, details });
