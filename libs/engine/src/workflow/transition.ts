import type { CommandName, CommandOf, Refused, ReplyOf, Verdict } from './commands.ts';
import { admitUpdate } from './commands/admit-update.ts';
import { attachRequest } from './commands/attach-request.ts';
import { cancelActivity } from './commands/cancel-activity.ts';
import { completeActivity } from './commands/complete-activity.ts';
import { completeWorkflowTask } from './commands/complete-workflow-task.ts';
import { continueWorkflow } from './commands/continue-workflow.ts';
import { deleteWorkflow } from './commands/delete-workflow.ts';
import { failActivity } from './commands/fail-activity.ts';
import { failWorkflowTask } from './commands/fail-workflow-task.ts';
import { heartbeatActivity } from './commands/heartbeat-activity.ts';
import { leaveToReset } from './commands/leave-to-reset.ts';
import { pauseActivity } from './commands/pause-activity.ts';
import { pauseWorkflow } from './commands/pause-workflow.ts';
import { requestCancelWorkflow } from './commands/request-cancel-workflow.ts';
import { recordChildClosed } from './commands/record-child-closed.ts';
import { recordChildStarted } from './commands/record-child-started.ts';
import { recordExternalResult } from './commands/record-external-result.ts';
import { recordStartChildFailed } from './commands/record-start-child-failed.ts';
import { recordTaskDone } from './commands/record-task-done.ts';
import { resetActivity } from './commands/reset-activity.ts';
import { resetSticky } from './commands/reset-sticky.ts';
import { scheduleFirstWorkflowTask } from './commands/schedule-first-workflow-task.ts';
import { signalWorkflow } from './commands/signal-workflow.ts';
import { startActivityTask } from './commands/start-activity-task.ts';
import { startWorkflowTask } from './commands/start-workflow-task.ts';
import { startWorkflow } from './commands/start-workflow.ts';
import { terminateWorkflow } from './commands/terminate-workflow.ts';
import { unpauseActivity } from './commands/unpause-activity.ts';
import { unpauseWorkflow } from './commands/unpause-workflow.ts';
import { updateActivityOptions } from './commands/update-activity-options.ts';
import { updateWorkflowOptions } from './commands/update-workflow-options.ts';
import { wakeUp } from './commands/wake-up.ts';
import { RunState } from '@duramesh/proto';
import { Draft, type EncodedBatch } from './draft.ts';
import type { Environment } from './environment.ts';
import { assertInMemory, assertInvariants } from './invariants.ts';
import { hasOutstanding, outstandingTasks } from './outstanding.ts';
import { isPaused } from './paused.ts';
import type { Refusal } from './refusal.ts';
import {
  endOverfullBuffer,
  endOverrun,
  historyOverrun,
  type Overrun,
  stateOverrun,
  transactionOverrun,
} from './run-limits.ts';
import { aheadBy, emptyState, type ExecutionDiff, type ExecutionState } from './state.ts';
import { storedInfo } from './stored.ts';
import type { TaskDraft } from './tasks.ts';
import { inheritedSkipMs, skipTime } from './time-skipping.ts';
import { abortAtClose, type UpdateNews } from './updates.ts';
import { nextWakeMs } from './wake.ts';
import { settleSpeculative } from './workflow-task.ts';

/** One command by its name. */
export interface CommandRequest<N extends CommandName> {
  readonly name: N;
  readonly command: CommandOf<N>;
}

type Handler<N extends CommandName> = (draft: Draft, command: CommandOf<N>) => Verdict<ReplyOf<N>>;

/** One line per command. Forgetting one does not compile. */
const handlers: { readonly [N in CommandName]: Handler<N> } = {
  StartWorkflow: startWorkflow,
  ContinueWorkflow: continueWorkflow,
  SignalWorkflow: signalWorkflow,
  RequestCancelWorkflow: requestCancelWorkflow,
  TerminateWorkflow: terminateWorkflow,
  DeleteWorkflow: deleteWorkflow,
  LeaveToReset: leaveToReset,
  AttachRequest: attachRequest,
  AdmitUpdate: admitUpdate,
  StartWorkflowTask: startWorkflowTask,
  CompleteWorkflowTask: completeWorkflowTask,
  FailWorkflowTask: failWorkflowTask,
  ResetSticky: resetSticky,
  StartActivityTask: startActivityTask,
  CompleteActivity: completeActivity,
  FailActivity: failActivity,
  CancelActivity: cancelActivity,
  HeartbeatActivity: heartbeatActivity,
  PauseActivity: pauseActivity,
  UnpauseActivity: unpauseActivity,
  ResetActivity: resetActivity,
  UpdateActivityOptions: updateActivityOptions,
  PauseWorkflow: pauseWorkflow,
  UnpauseWorkflow: unpauseWorkflow,
  UpdateWorkflowOptions: updateWorkflowOptions,
  ScheduleFirstWorkflowTask: scheduleFirstWorkflowTask,
  RecordChildStarted: recordChildStarted,
  RecordStartChildFailed: recordStartChildFailed,
  RecordChildClosed: recordChildClosed,
  RecordExternalResult: recordExternalResult,
  RecordTaskDone: recordTaskDone,
  WakeUp: wakeUp,
};

/** What a transition does to what is in memory of one run. Absorb the diff, then act on the tasks. */
export interface MemoryChange {
  readonly base: ExecutionState;
  readonly diff: ExecutionDiff;
  readonly tasks: readonly TaskDraft[];
  /** For those who wait for updates. */
  readonly updateNews: readonly UpdateNews[];
}

/** What a transition does to one run. Make it durable, then absorb the diff, then act on the tasks. */
export interface RunChange extends MemoryChange {
  readonly batches: readonly EncodedBatch[];
  /** When the run, as it is stored, next wants a `WakeUp`; 0 means never. */
  readonly wakeAtMs: number;
  /** Work is left that a new owner of the shard must find. */
  readonly outstanding: boolean;
  readonly visibilityChanged: boolean;
}

export type Outcome<Reply> =
  | {
      readonly kind: 'committed';
      readonly reply: Reply;
      readonly change: RunChange;
      /** The next run of the chain, to be created in the same write. */
      readonly next: RunChange | undefined;
      /** Something else had to be done than what was asked: once that is durable, the caller is told this. */
      readonly refusal: Refusal | undefined;
    }
  | { readonly kind: 'noop'; readonly reply: Reply }
  /** Nothing is to be written. What is in memory is as good as durable: when it is lost, whoever waits for it asks again. */
  | { readonly kind: 'inMemory'; readonly reply: Reply; readonly change: MemoryChange }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly change?: MemoryChange }
  | { readonly kind: 'needsStartedEvent' };

/** (state, command, environment) → what changes. Reads its input, writes nothing. */
export function transition<N extends CommandName>(
  state: ExecutionState,
  { name, command }: CommandRequest<N>,
  environment: Environment,
): Outcome<ReplyOf<N>> {
  const draft = new Draft(state, environment);
  const handle: Handler<N> = handlers[name];
  const verdict = handle(draft, command);
  switch (verdict.kind) {
    case 'accepted':
      break;
    case 'inMemory':
      return { kind: 'inMemory', reply: verdict.reply, change: memoryChange(draft) };
    case 'refused':
      return refusedWith(verdict);
    default:
      return verdict;
  }
  const written = verdict.draft ?? draft;
  const { reply, refusal } = verdict;
  const overrun = historyOverrun(written);
  if (overrun) return ended(state, environment, { reply, overrun });
  const change = closeTransaction(written);
  const next = beginNextRun(written);
  const tooLarge = stateOverrun(written, change.diff) ?? transactionOverrun([change, next], environment.limits);
  if (!tooLarge) return { kind: 'committed', reply, change, next, refusal };
  // A run that has not begun has nothing to end.
  if (state.info.state === RunState.RUN_STATE_VOID) return { kind: 'refused', refusal: tooLarge.told };
  return ended(state, environment, { reply, overrun: tooLarge });
}

function refusedWith({ refusal, draft }: Refused): Extract<Outcome<never>, { readonly kind: 'refused' }> {
  return draft ? { kind: 'refused', refusal, change: memoryChange(draft) } : { kind: 'refused', refusal };
}

/** The run ends instead of doing what it was asked. */
function ended<Reply>(
  state: ExecutionState,
  environment: Environment,
  { reply, overrun }: { readonly reply: Reply; readonly overrun: Overrun },
): Outcome<Reply> {
  const draft = new Draft(state, environment);
  endOverrun(draft, overrun);
  return { kind: 'committed', reply, change: closeTransaction(draft), next: undefined, refusal: overrun.told };
}

const DISPATCHES: ReadonlySet<TaskDraft['type']> = new Set(['DispatchWorkflowTask', 'DispatchActivityTask']);

/** @see spec-history 0.2 */
export function closeTransaction(draft: Draft): RunChange {
  const { info } = draft;
  settleSpeculative(draft);
  endOverfullBuffer(draft);
  skipTime(draft);
  if (draft.isOpen && !draft.workflowTaskStarted) draft.flushBuffer();
  // What a closed run notes about its work for others is no transition of it.
  if (draft.base.info.state !== RunState.RUN_STATE_COMPLETED) {
    if (!draft.isOpen) abortAtClose(draft);
    info.stateTransitionCount += 1;
    info.lastUpdateMs = draft.now;
  }
  const batches = draft.seal();
  assertInvariants(draft);
  const diff = draft.diff();
  const stored = { info: storedInfo(diff.info), summary: diff.summary };
  return {
    base: draft.base,
    diff,
    batches,
    tasks: tasksOf(draft),
    updateNews: draft.updateNews,
    wakeAtMs: nextWakeMs(stored),
    outstanding: hasOutstanding(stored),
    visibilityChanged: draft.visibilityChanged,
  };
}

/** @see spec-history 2.9 */
function memoryChange(draft: Draft): MemoryChange {
  assertInMemory(draft);
  assertInvariants(draft);
  return { base: draft.base, diff: draft.diff(), tasks: draft.tasks, updateNews: draft.updateNews };
}

/** What is to be done at once. */
function tasksOf(draft: Draft): readonly TaskDraft[] {
  const { info, base } = draft;
  // No worker is wanted for a run that is paused.
  if (draft.isOpen) return isPaused(info) ? draft.tasks.filter(({ type }) => !DISPATCHES.has(type)) : draft.tasks;
  if (base.info.state !== RunState.RUN_STATE_COMPLETED) return outstandingTasks(draft);
  // What a closed run has to tell is under way already; when that is done, it may have to go.
  return info.deleteRequested ? outstandingTasks(draft).filter(({ type }) => type === 'DeleteRun') : [];
}

function beginNextRun(draft: Draft): RunChange | undefined {
  const { continuation, info, environment } = draft;
  if (!continuation) return undefined;
  const empty = emptyState(info.namespaceId, info.workflowId, info.newExecutionRunId);
  const next = new Draft(aheadBy(inheritedSkipMs(continuation.started), empty), environment);
  const { namespaceId, namespace, startRequestId, traceparent } = info;
  const chainRequestId = info.chainRequestId || startRequestId;
  next.info.traceparent = traceparent;
  continueWorkflow(next, { ...continuation, namespaceId, namespace, chainRequestId });
  return closeTransaction(next);
}
