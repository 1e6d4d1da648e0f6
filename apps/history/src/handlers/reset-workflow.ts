import { invalidArgument } from '@duramesh/contracts';
import {
  type Environment,
  type HistoryEvent,
  isReapplied,
  type PostResetOperation,
  resetRun,
  runOfReset,
  transition,
} from '@duramesh/engine';
import { type Plain, RunState, type temporal } from '@duramesh/proto';
import { AssertionError } from '@duramesh/runtime';
import { decodeBatch } from '../read/history-reader.ts';
import { toServiceError, workflowNotFound } from '../refusals.ts';
import { reappliedEvents } from '../reset/reapplied-events.ts';
import { takeHistory } from '../reset/take-history.ts';
import type { Plan, RunPlan, RunRef, WorkflowView } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { requirePolledVersionOfRun } from '../worker-deployments/pinned-version.ts';
import { type Handler, type HandlerParts, refOf } from './handler.ts';

type Request = Plain<temporal.api.workflowservice.v1.IResetWorkflowExecutionRequest>;

/** temporal.api.enums.v1.ResetReapplyType, the older way to leave out kinds of events */
const REAPPLY = { signalOnly: 1, none: 2 } as const;
const EXCLUDE = { signal: 1, update: 2 } as const;

interface Resetting {
  readonly ref: RunRef;
  readonly request: Request;
  readonly signal: AbortSignal;
}

/**
 * Makes a new run of the beginning of another and lets it take the place of the current one: the link from the base, the
 * end of the current run and the new run are one write. @see spec-history 8.1
 */
export const resetWorkflow: Handler<'resetWorkflow'> = (parts) => async (call, context) => {
  const request = call.request ?? {};
  const ref = refOf(call, request.workflowExecution);
  const resetting = { ref, request, signal: context.signal };
  await requirePolledVersions(parts, ref, request);
  return { runId: await parts.owner.transact(ref, (view) => reset(parts, view, resetting), 'ResetWorkflow') };
};

/** The new run may be pinned to a version only if that has workers for it. */
async function requirePolledVersions(parts: HandlerParts, ref: RunRef, request: Request): Promise<void> {
  for (const { options } of operationsOf(request)) {
    await requirePolledVersionOfRun(parts, options.versioningOverride, ref);
  }
}

async function reset({ deps }: HandlerParts, view: WorkflowView, resetting: Resetting): Promise<Plan<string>> {
  const { ref, request, signal } = resetting;
  const { requestId = '', reason = '', workflowTaskFinishEventId: finishEventId = 0 } = request;
  const { base, current } = await involved(view, ref);
  const known = metBefore(base, current, requestId);
  if (known !== undefined) return { kind: 'answer', result: known };
  if (finishEventId <= 1 || finishEventId >= base.state.info.nextEventId) {
    throw invalidArgument('Workflow task finish ID must be > 1 && <= workflow last event ID.');
  }
  const environment = view.environment();
  const runId = environment.newRunId;
  const newKey = { ...base.key, runId };
  const taken = await takeHistory(deps, view, { base, newKey, untilEventId: finishEventId });
  const left = leave({ base, current }, { requestId, reason, environment });
  const excluded = exclusionsOf(request);
  const again = await reappliedEvents(deps, view, { base, fromEventId: finishEventId, excluded, signal });
  // Events that its end has brought into the history of the current run.
  const atTheEnd = current?.key.runId === again.lastRunId ? eventsOf(left, current) : [];
  const outcome = resetRun(
    taken.state,
    {
      base: base.state.info,
      requestId,
      reason,
      copiedSizeBytes: taken.sizeBytes,
      reapplied: [
        ...again.events,
        ...atTheEnd.filter((event) => isReapplied(event, { excluded, isOfBase: current === base })),
      ],
      operations: operationsOf(request),
    },
    environment,
  );
  if (outcome.kind === 'refused') throw toServiceError(outcome.refusal);
  const { namespaceId, workflowId } = newKey;
  return {
    kind: 'write',
    changes: [...left, { change: outcome.change, run: undefined, copied: taken.copied }],
    current: { namespaceId, workflowId, expectedRunId: current?.key.runId, runId },
    result: runId,
  };
}

interface Involved {
  readonly base: CachedRun;
  /** Absent when it was deleted and older runs of the workflow are left. */
  readonly current: CachedRun | undefined;
}

async function involved(view: WorkflowView, { workflowId, runId }: RunRef): Promise<Involved> {
  const currentRunId = await view.currentRunId();
  const baseRunId = runId === '' ? currentRunId : runId;
  if (baseRunId === undefined) throw workflowNotFound(workflowId);
  const base = await view.load(baseRunId);
  if (currentRunId === undefined || currentRunId === baseRunId) {
    return { base, current: currentRunId === undefined ? undefined : base };
  }
  return { base, current: await view.load(currentRunId) };
}

/** The run that this very request has made already. */
function metBefore(base: CachedRun, current: CachedRun | undefined, requestId: string): string | undefined {
  const known = runOfReset(base.state.info, requestId) ?? (current && runOfReset(current.state.info, requestId));
  if (known !== undefined) return known;
  return current?.state.info.startRequestId === requestId ? current.key.runId : undefined;
}

/** The base is told of the new run; the current run, if it is still open, ends. */
function leave(
  { base, current }: Involved,
  { requestId, reason, environment }: { requestId: string; reason: string; environment: Environment },
): readonly RunPlan[] {
  const isOpen = current !== undefined && current.state.info.state !== RunState.RUN_STATE_COMPLETED;
  const runs = isOpen && current !== base ? [base, current] : [base];
  return runs.map((run) => {
    const command = { newRunId: environment.newRunId, requestId, reason, isBase: run === base };
    const outcome = transition(run.state, { name: 'LeaveToReset', command }, environment);
    if (outcome.kind !== 'committed') throw new AssertionError(`a run left by a reset came to ${outcome.kind}`);
    return { change: outcome.change, run };
  });
}

const eventsOf = (plans: readonly RunPlan[], run: CachedRun | undefined): readonly HistoryEvent[] =>
  plans
    .filter((plan) => plan.run === run)
    .flatMap(({ change }) => change.batches)
    .flatMap(({ data }) => decodeBatch(data));

function exclusionsOf({ resetReapplyType, resetReapplyExcludeTypes = [] }: Request): ReadonlySet<number> {
  const excluded = new Set<number>(resetReapplyExcludeTypes);
  if (resetReapplyType === REAPPLY.signalOnly || resetReapplyType === REAPPLY.none) excluded.add(EXCLUDE.update);
  if (resetReapplyType === REAPPLY.none) excluded.add(EXCLUDE.signal);
  return excluded;
}

const operationsOf = ({ postResetOperations = [] }: Request): readonly PostResetOperation[] =>
  postResetOperations.flatMap(({ updateWorkflowOptions: update }) =>
    update ? [{ options: update.workflowExecutionOptions ?? {}, paths: update.updateMask?.paths ?? [] }] : [],
  );
