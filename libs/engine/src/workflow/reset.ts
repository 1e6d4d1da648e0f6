import type { ExecutionInfo } from '@duramesh/proto';
import type { Refused, WorkflowOptions } from './commands.ts';
import { refused } from './commands.ts';
import { updateWorkflowOptions } from './commands/update-workflow-options.ts';
import { Draft } from './draft.ts';
import type { Environment } from './environment.ts';
import type { HistoryEvent } from './events.ts';
import { outstandingTasks } from './outstanding.ts';
import type { MapDiff } from './overlay.ts';
import { reapply } from './reapply.ts';
import { refusal } from './refusal.ts';
import { rememberStartRequest } from './request-ids.ts';
import { withReset } from './resets.ts';
import { transactionOverrun } from './run-limits.ts';
import { absorb, emptyState, type ExecutionState } from './state.ts';
import { HISTORY_SERVICE } from './terminate.ts';
import { closeTransaction, type RunChange } from './transition.ts';
import { CAUSES } from './worker-commands/worker-command.ts';
import { beginWorkflowTask, scheduleWorkflowTask } from './workflow-task.ts';

/** How the reference writes a request that nobody made. */
const NO_REQUEST = 'emptyUuid';

/** Done to the new run before its first workflow task. */
export interface PostResetOperation {
  readonly options: WorkflowOptions;
  readonly paths: readonly string[];
}

/** A run that is to be made of the beginning of another. */
export interface Reset {
  /** The run whose history is taken up. */
  readonly base: ExecutionInfo;
  readonly requestId: string;
  readonly reason: string;
  /** Of the history that is taken up. */
  readonly copiedSizeBytes: number;
  /** What came after the point and comes again, in order. */
  readonly reapplied: readonly HistoryEvent[];
  readonly operations: readonly PostResetOperation[];
}

export type ResetOutcome =
  | {
      readonly kind: 'reset';
      /** Of a run that does not exist yet: all of its state, and those events that the base does not have. */
      readonly change: RunChange;
    }
  | Refused;

/**
 * Makes the new run. `taken` is the state that the history of the base tells up to the point, under the id of the new
 * run; it is consumed. @see spec-history 8.1
 */
export function resetRun(taken: ExecutionState, reset: Reset, environment: Environment): ResetOutcome {
  const draft = new Draft(taken, environment);
  const { info } = draft;
  if (!info.workflowTask) {
    const range = '[WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]';
    return refused(
      refusal('InvalidArgument', `Can only reset workflow to event ID in range ${range}: ${info.nextEventId}`),
    );
  }
  takeNotes(draft, reset);
  failTaskOfBase(draft, reset);
  for (const event of reset.reapplied) reapply(draft, event);
  for (const { options, paths } of reset.operations) {
    const verdict = updateWorkflowOptions(draft, { options, paths, identity: '' });
    if (verdict.kind === 'refused') return verdict;
  }
  scheduleWorkflowTask(draft);
  const change = closeTransaction(draft);
  const overrun = transactionOverrun([change], environment.limits);
  return overrun ? refused(overrun.told) : { kind: 'reset', change: asNew(change) };
}

/** What the history of the base does not tell. */
function takeNotes(draft: Draft, { base, requestId, copiedSizeBytes }: Reset): void {
  const { info } = draft;
  info.namespace = base.namespace;
  info.traceparent = base.traceparent;
  info.historySizeBytes = copiedSizeBytes;
  info.chainRequestId = base.chainRequestId;
  info.resets = withReset(base.resets, { requestId, runId: info.runId });
  rememberStartRequest(draft, base.startRequestId);
}

/** The workflow task at the point comes to nothing, so that its worker begins again with the one that follows. */
function failTaskOfBase(draft: Draft, { base, reason }: Reset): void {
  const { info } = draft;
  if (!draft.workflowTaskStarted) {
    beginWorkflowTask(draft, { requestId: NO_REQUEST, identity: HISTORY_SERVICE, sticky: false });
  }
  const { scheduledEventId, startedEventId } = info.workflowTask ?? {};
  draft.emit('WorkflowTaskFailed', {
    scheduledEventId,
    startedEventId,
    cause: CAUSES.ResetWorkflow,
    failure: { message: reason, resetWorkflowFailureInfo: {} },
    identity: HISTORY_SERVICE,
    baseRunId: base.runId,
    newRunId: info.runId,
  });
  info.nextWorkflowTaskAttempt = 1;
}

/** The change as that of a run that nothing is stored of. */
function asNew(change: RunChange): RunChange {
  const { namespaceId, workflowId, runId } = change.diff.info;
  const state = absorb(change.base, change.diff);
  const { info, summary } = state;
  return {
    ...change,
    base: emptyState(namespaceId, workflowId, runId),
    diff: {
      info,
      activities: all(state.activities),
      timers: all(state.timers),
      requestIds: all(state.requestIds),
      callbacks: all(state.callbacks),
      buffered: all(state.buffered),
      children: all(state.children),
      externalCancels: all(state.externalCancels),
      externalSignals: all(state.externalSignals),
      updates: all(state.updates),
      waitingUpdates: all(state.waitingUpdates),
      summary,
    },
    tasks: outstandingTasks(state),
    visibilityChanged: true,
  };
}

const all = <K, V>(map: ReadonlyMap<K, V>): MapDiff<K, V> => ({ upserts: map, deletes: new Set() });
