import type { Reason } from '@duramesh/proto';
import type { ExecutionState } from '../state.ts';
import { skippedMs } from '../time-skipping.ts';
import { workflowTaskDeadlineMs } from '../wake.ts';
import { awaited, because, byWhom, inWords, WORKFLOW_QUEUE } from './reason.ts';

/** Why no worker is asked to advance the run yet. */
export function waitForFirstTask({ info }: ExecutionState, now: number): readonly Reason[] {
  const { awaitedParent, parent, backoffUntilMs, attempt, startTimeMs: sinceMs } = info;
  const reasons: Reason[] = [];
  if (awaitedParent && parent) {
    const text = `The parent ${parent.workflowId} has not yet recorded that this run was started.`;
    reasons.push(
      because('PARENT_NOT_HEARD', text, { sinceMs, untilMs: awaitedParent.askMs, subject: parent.workflowId }),
    );
  }
  if (backoffUntilMs === 0) return reasons;
  const untilMs = backoffUntilMs - skippedMs(info);
  const left = inWords(untilMs - now);
  if (attempt > 1) {
    const text = `Attempt ${attempt} of the workflow begins in ${left}: the attempt before it has failed.`;
    reasons.push(because('WORKFLOW_RETRY_BACKOFF', text, { sinceMs, untilMs }));
  } else if (info.cronSchedule !== '') {
    const text = `The schedule "${info.cronSchedule}" lets the run begin in ${left}.`;
    reasons.push(because('WORKFLOW_CRON_BACKOFF', text, { sinceMs, untilMs }));
  } else {
    const text = `The run was started with a delay, which ends in ${left}.`;
    reasons.push(
      because('WORKFLOW_START_DELAY', text, { sinceMs, untilMs, advice: 'A signal lets it begin at once.' }),
    );
  }
  return reasons;
}

/** `cause=WorkflowTaskFailedCauseNonDeterministicError` in words of its own. */
function problemOf({ info }: ExecutionState): string {
  const cause = info.workflowTaskProblem.find((word) => word.startsWith('cause='));
  return (cause ?? '').replace(/^cause=(?:WorkflowTaskFailedCause|WorkflowTaskTimedOutCause)?/, '');
}

function failing(state: ExecutionState): readonly Reason[] {
  const { workflowTask: task, workflowTaskFailures: failures } = state.info;
  if (failures === 0) return [];
  const problem = problemOf(state);
  const text = `The workflow task has failed ${failures} times in a row${problem === '' ? '' : `, first with ${problem}`}.`;
  const advice =
    'Read the last WorkflowTaskFailed event and the log of the worker; mend the code of the workflow, or reset the run.';
  const sinceMs = task?.originalScheduledMs ?? 0;
  return [because('WORKFLOW_TASK_FAILING', text, { advice, sinceMs })];
}

/** Who advances the run now, or ought to. */
export function waitForWorkflowTask(state: ExecutionState, now: number): readonly Reason[] {
  const { info } = state;
  const task = info.workflowTask;
  if (!task) return failing(state);
  const skipped = skippedMs(info);
  const deadlineMs = workflowTaskDeadlineMs(info);
  const untilMs = deadlineMs === 0 ? 0 : deadlineMs - skipped;
  if (task.startedEventId > 0) {
    const sinceMs = task.startedMs - skipped;
    const text = `A worker advances the run${byWhom({ identity: task.identity, reason: '' })}, since ${inWords(now - sinceMs)}.`;
    return [...failing(state), because('WORKFLOW_TASK_RUNNING', text, { sinceMs, untilMs })];
  }
  const sticky = task.sticky && info.sticky !== undefined;
  const name = sticky ? task.taskQueue : info.taskQueue;
  const normalName = sticky ? info.taskQueue : '';
  const sinceMs = task.scheduledMs - skipped;
  const text = `The workflow task waits for a worker of ${name}, since ${inWords(now - sinceMs)}.`;
  const queue = awaited({ name, type: WORKFLOW_QUEUE, sticky, normalName }, info);
  return [...failing(state), because('WORKFLOW_TASK_SCHEDULED', text, { sinceMs, untilMs, queue })];
}
