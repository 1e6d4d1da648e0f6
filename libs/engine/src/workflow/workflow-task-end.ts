import { must } from '@duramesh/runtime';
import type { Plain, temporal, WorkflowTaskInfo } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { causeName } from './worker-commands/worker-command.ts';
import { takeBackUpdates } from './updates.ts';
import { reportProblem } from './worker-facts.ts';
import { makeNormal } from './workflow-task.ts';

type Failure = Plain<temporal.api.failure.v1.IFailure>;

export const START_TO_CLOSE = 1;
export const SCHEDULE_TO_START = 2;
/** Failures in a row from which the run says so in its search attributes. */
const REPORTED_FROM = 5;

export interface WorkflowTaskFailure {
  readonly cause: number;
  readonly failure?: Failure | undefined;
  readonly identity: string;
  readonly binaryChecksum?: string | undefined;
}

/** The pending workflow task, which is about to end; what it leaves in history is written in full. */
function endingTask(draft: Draft, identity: string): WorkflowTaskInfo {
  if (draft.info.workflowTask?.speculative) makeNormal(draft, identity);
  takeBackUpdates(draft);
  return must(draft.info.workflowTask, 'a workflow task that ends must be pending');
}

/**
 * Ends the pending workflow task without success. A transient one leaves no event. A task of a sticky worker is given
 * to the normal queue as a first attempt before it counts as failing. @see spec-history 2.8
 */
export function failWorkflowTask(draft: Draft, failed: WorkflowTaskFailure): void {
  const { cause, failure, identity, binaryChecksum } = failed;
  const task = endingTask(draft, identity);
  if (task.inHistory) {
    const { scheduledEventId, startedEventId } = task;
    draft.emit('WorkflowTaskFailed', { scheduledEventId, startedEventId, cause, failure, identity, binaryChecksum });
  }
  end(draft, task, ['category=WorkflowTaskFailed', `cause=WorkflowTaskFailedCause${causeName(cause)}`]);
}

/** Ends the pending workflow task because nobody took it, or answered it, in time. */
export function timeOutWorkflowTask(draft: Draft, timeoutType: typeof START_TO_CLOSE | typeof SCHEDULE_TO_START): void {
  const task = endingTask(draft, '');
  const { scheduledEventId, startedEventId, attempt } = task;
  if (task.inHistory) draft.emit('WorkflowTaskTimedOut', { scheduledEventId, startedEventId, timeoutType });
  if (timeoutType === START_TO_CLOSE) {
    end(draft, task, ['category=WorkflowTaskTimedOut', 'cause=WorkflowTaskTimedOutCauseStartToClose']);
    return;
  }
  draft.info.workflowTask = undefined;
  draft.info.sticky = undefined;
  draft.info.nextWorkflowTaskAttempt = attempt;
}

function end(draft: Draft, task: WorkflowTaskInfo, problem: readonly string[]): void {
  const { info } = draft;
  const wasSticky = info.sticky !== undefined;
  info.workflowTask = undefined;
  info.sticky = undefined;
  info.closeAttempted = false;
  info.nextWorkflowTaskAttempt = wasSticky ? 1 : task.attempt + 1;
  if (wasSticky) return;
  info.workflowTaskFailures += 1;
  if (task.inHistory && info.workflowTaskProblem.length === 0) info.workflowTaskProblem = problem;
  if (info.workflowTaskFailures >= REPORTED_FROM) reportProblem(draft);
}
