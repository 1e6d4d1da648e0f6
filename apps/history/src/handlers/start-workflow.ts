import { type CallContext, ServiceError, type StartWorkflowResponse } from '@duramesh/contracts';
import {
  aheadBy,
  type CommandOf,
  decideStart,
  emptyState,
  EVENT_TYPES,
  type ExecutionState,
  expectsNew,
  fromDuration,
  HISTORY_SERVICE,
  isPaused,
  type ReplyOf,
  type RunChange,
  type StartAttempt,
  type StartDecision,
  transition,
} from '@duramesh/engine';
import { type NamespaceRef, type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { AssertionError } from '@duramesh/runtime';
import { workflowTaskResponse } from '../read/workflow-task-response.ts';
import { toServiceError } from '../refusals.ts';
import type { Plan, WorkflowRef, WorkflowView } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { requirePolledVersion, tellReactivated } from '../worker-deployments/pinned-version.ts';
import { type Handler, type HandlerParts, namespaceOf } from './handler.ts';

type StartRequest = Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest>;
type PollResponse = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
const pollResponse = publicCodec<PollResponse>('temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse');
const STATUS_RUNNING = 1;

/** A start to be decided: plain, or with a signal. */
export interface Starting {
  readonly namespace: NamespaceRef;
  readonly request: StartRequest;
  readonly kind: 'start' | 'signalWithStart';
  readonly signal?: CommandOf<'StartWorkflow'>['signal'];
  readonly update?: CommandOf<'StartWorkflow'>['update'];
  readonly parentage?: CommandOf<'StartWorkflow'>['parentage'];
}

/** What became of a start. */
export interface StartResult {
  readonly kind: Exclude<StartDecision['kind'], 'refused'>;
  readonly started: boolean;
  readonly runId: string;
  readonly firstExecutionRunId: string;
  readonly status: number;
  /** The answer points at the event that attached the request. */
  readonly attached: boolean;
  readonly eagerTask?: ReplyOf<'StartWorkflow'>['eagerTask'];
}

/** @see spec-history 1.3, 1.5 */
export const startWorkflow: Handler<'startWorkflow'> = (parts) => async (call, _context: CallContext) => {
  const namespace = namespaceOf(call);
  const request = call.request ?? {};
  const result = await start(parts, { namespace, request, kind: 'start' });
  return {
    ...answer(namespace, request, result),
    ...(await eagerTask(parts, { namespaceId: namespace.id, workflowId: request.workflowId ?? '' }, result)),
  };
};

/** Decides a start under the lock of its workflow id and makes it durable. */
export async function start(parts: HandlerParts, starting: Starting): Promise<StartResult> {
  const { request, namespace, parentage } = starting;
  const workflow = { namespaceId: namespace.id, workflowId: request.workflowId ?? '' };
  // What a child starts with was compared with the namespace when its parent asked for it.
  const ref = parentage ? workflow : { ...workflow, namespace };
  const pinning = { namespaceId: namespace.id, taskQueue: request.taskQueue?.name ?? '' };
  const pinnedTo = await requirePolledVersion(parts, request.versioningOverride, pinning);
  let mayPresume = expectsNew(attemptOf(starting));
  const result = await parts.owner.transact(
    ref,
    async (view) => {
      const presumed = mayPresume ? presumingNew(view, starting) : undefined;
      mayPresume = false;
      if (presumed) return presumed;
      const runId = await view.currentRunId();
      const current = runId === undefined ? undefined : await view.load(runId);
      return plan(view, starting, current);
    },
    'StartWorkflow',
  );
  if (pinnedTo && result.started) await tellReactivated(parts, namespace.id, pinnedTo);
  return result;
}

/**
 * What a start comes to if its workflow id is new, as most are, without a look into the store: the commit is refused if
 * the id is not. undefined when that is known, or when nothing would be written, for only what is stored tells the truth.
 */
function presumingNew(view: WorkflowView, starting: Starting): Plan<StartResult> | undefined {
  if (view.knownCurrentRunId() !== undefined) return undefined;
  try {
    return plan(view, starting, undefined);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** What a start comes to. @throws ServiceError when it is refused */
export function plan(view: WorkflowView, starting: Starting, current: CachedRun | undefined): Plan<StartResult> {
  const decision = decideStart(current?.state, attemptOf(starting));
  switch (decision.kind) {
    case 'refused':
      throw toServiceError(decision.refusal);
    case 'create':
      return create(view, starting, { current });
    case 'terminateAndCreate':
      return create(view, starting, { current, ended: terminate(view, current) });
    case 'repeated':
    case 'useExisting':
      return { kind: 'answer', result: existing(current, decision) };
    case 'attach':
      return attach(view, starting, current);
    case 'signalExisting':
      return signalExisting(view, starting, current);
  }
}

function attemptOf({ request, kind }: Starting): StartAttempt {
  return {
    kind,
    requestId: request.requestId ?? '',
    reusePolicy: request.workflowIdReusePolicy ?? 0,
    conflictPolicy: request.workflowIdConflictPolicy ?? 0,
    hasConflictOptions: request.onConflictOptions !== undefined,
  };
}

function existing(
  run: CachedRun | undefined,
  decision: Pick<StartResult, 'kind'> & Partial<Pick<StartResult, 'started' | 'attached' | 'runId'>>,
): StartResult {
  if (!run) throw new AssertionError('an existing run was decided on without one');
  const { info } = run.state;
  const { firstExecutionRunId } = info;
  // That a run is paused is of no concern to who wants it to run.
  const status = isPaused(info) ? STATUS_RUNNING : info.status;
  const { kind, started = false, attached = false, runId = info.runId } = decision;
  return { kind, started, attached, runId, firstExecutionRunId, status };
}

interface Ended {
  readonly change: RunChange;
  readonly run: CachedRun;
  readonly newRunId: string;
}

function create(
  view: WorkflowView,
  { namespace, request, signal, update, parentage }: Starting,
  { current, ended }: { readonly current: CachedRun | undefined; readonly ended?: Ended },
): Plan<StartResult> {
  const environment = view.environment();
  const workflowId = request.workflowId ?? '';
  const runId = ended?.newRunId ?? environment.newRunId;
  const outcome = transition(
    aheadBy(fromDuration(parentage?.timeSkipping?.initialSkippedDuration), emptyState(namespace.id, workflowId, runId)),
    {
      name: 'StartWorkflow',
      command: {
        namespaceId: namespace.id,
        namespace: namespace.name,
        request,
        requestId: request.requestId ?? '',
        signal,
        update,
        eager: request.requestEagerExecution ?? false,
        parentage,
      },
    },
    environment,
  );
  if (outcome.kind === 'refused') throw toServiceError(outcome.refusal);
  if (outcome.kind !== 'committed') throw new AssertionError(`a start came to ${outcome.kind}`);
  const expectedRunId = current?.key.runId;
  return {
    kind: 'write',
    changes: [...(ended ? [ended] : []), { change: outcome.change, run: undefined }],
    current: { namespaceId: namespace.id, workflowId, expectedRunId, runId },
    result: {
      kind: 'create',
      started: true,
      attached: false,
      runId,
      firstExecutionRunId: runId,
      status: STATUS_RUNNING,
      eagerTask: outcome.reply.eagerTask,
    },
  };
}

/** @see spec-history 1.3 */
function terminate(view: WorkflowView, current: CachedRun | undefined): Ended {
  if (!current) throw new AssertionError('nothing to terminate');
  const environment = view.environment();
  const newRunId = environment.newRunId;
  const outcome = transition(
    current.state,
    {
      name: 'TerminateWorkflow',
      command: {
        reason: 'TerminateIfRunning WorkflowIdReusePolicy',
        details: payloadsOf(`terminated by new runID: ${newRunId}`),
        identity: HISTORY_SERVICE,
        firstExecutionRunId: '',
      },
    },
    environment,
  );
  if (outcome.kind !== 'committed') throw new AssertionError(`terminating an open run came to ${outcome.kind}`);
  return { change: outcome.change, run: current, newRunId };
}

const utf8 = new TextEncoder();
function payloadsOf(text: string): Plain<temporal.api.common.v1.IPayloads> {
  const metadata = { encoding: utf8.encode('json/plain') };
  return { payloads: [{ metadata, data: utf8.encode(JSON.stringify(text)) }] };
}

function attach(view: WorkflowView, { request }: Starting, current: CachedRun | undefined): Plan<StartResult> {
  const result = existing(current, { kind: 'attach', attached: request.onConflictOptions?.attachRequestId ?? false });
  const state: ExecutionState | undefined = current?.state;
  if (!current || !state) throw new AssertionError('nothing to attach to');
  const { attachRequestId, attachCompletionCallbacks, attachLinks } = request.onConflictOptions ?? {};
  const outcome = transition(
    state,
    {
      name: 'AttachRequest',
      command: {
        requestId: request.requestId ?? '',
        identity: request.identity ?? '',
        attachRequestId: attachRequestId ?? false,
        completionCallbacks: attachCompletionCallbacks ? (request.completionCallbacks ?? []) : [],
        links: attachLinks ? (request.links ?? []) : [],
      },
    },
    view.environment(),
  );
  if (outcome.kind === 'refused') throw toServiceError(outcome.refusal);
  if (outcome.kind !== 'committed') return { kind: 'answer', result };
  return { kind: 'write', changes: [{ change: outcome.change, run: current }], current: undefined, result };
}

function signalExisting(view: WorkflowView, { signal }: Starting, current: CachedRun | undefined): Plan<StartResult> {
  const result = existing(current, { kind: 'signalExisting' });
  if (!current || !signal) throw new AssertionError('nothing to signal');
  const outcome = transition(
    current.state,
    { name: 'SignalWorkflow', command: { ...signal, endsBackoff: true } },
    view.environment(),
  );
  if (outcome.kind === 'refused') throw toServiceError(outcome.refusal);
  if (outcome.kind !== 'committed') return { kind: 'answer', result };
  return { kind: 'write', changes: [{ change: outcome.change, run: current }], current: undefined, result };
}

export function answer(namespace: NamespaceRef, request: StartRequest, result: StartResult): StartWorkflowResponse {
  const { runId, firstExecutionRunId, started, status, attached } = result;
  const event = { namespace: namespace.name, workflowId: request.workflowId, runId };
  const requestIdRef = { requestId: request.requestId, eventType: EVENT_TYPES.WorkflowExecutionOptionsUpdated };
  const eventRef = { eventId: 1, eventType: EVENT_TYPES.WorkflowExecutionStarted };
  const workflowEvent = attached ? { ...event, requestIdRef } : { ...event, eventRef };
  return { runId, firstExecutionRunId, started, status, link: { workflowEvent } };
}

/** The first workflow task for the caller's own worker, when it asked for it and nothing delays it. */
async function eagerTask(
  { deps, owner }: HandlerParts,
  workflow: WorkflowRef,
  { eagerTask: task, runId }: StartResult,
): Promise<StartWorkflowResponse> {
  if (!task) return {};
  const run = await owner.read({ ...workflow, runId });
  const encoded = await workflowTaskResponse(deps.store.executions, { run, task, queries: {} });
  return { eagerWorkflowTask: pollResponse.decode(encoded) };
}
