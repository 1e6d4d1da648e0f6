import { applyDueActivities } from '../activity-timeouts.ts';
import { askParentIfDue } from '../awaited-parent.ts';
import { continueAfterFailure } from '../chain.ts';
import { accepted, type CommandOf, noop, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import type { Failure } from '../failures.ts';
import { isPaused } from '../paused.ts';
import { RETRY_STATES } from '../retry-policy.ts';
import { makeWay } from '../terminate.ts';
import { fireDueTimers } from '../timers.ts';
import { endDueFastForward } from '../time-skipping.ts';
import { workflowTaskDeadlineMs } from '../wake.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';
import { SCHEDULE_TO_START, START_TO_CLOSE, timeOutWorkflowTask } from '../workflow-task-end.ts';

type Outcome = Verdict<ReplyOf<'WakeUp'>>;

const WORKFLOW_TIMEOUT: Failure = {
  message: 'workflow timeout',
  source: 'Server',
  timeoutFailureInfo: { timeoutType: START_TO_CLOSE },
};

/**
 * Time has passed: everything that is due happens, in one transaction. A run that is out of time does nothing but end.
 * Waking for nothing changes nothing, so the timers outside need not be exact. @see spec-history 2.8, 6.1, 9.1
 */
export function wakeUp(draft: Draft, _command: CommandOf<'WakeUp'>): Outcome {
  if (!draft.isOpen) return noop({});
  const { now, info } = draft;
  if (isPast(info.runExpirationMs, now) || isPast(info.executionExpirationMs, now)) return timeOutRun(draft);

  const forwarded = endDueFastForward(draft);
  const taskTimedOut = timeOutDueWorkflowTask(draft);
  const asked = askParentIfDue(draft);
  const waited = isPast(info.backoffUntilMs, now) && !isPaused(info) && !info.awaitedParent;
  const activityEnded = applyDueActivities(draft);
  const timerFired = fireDueTimers(draft);
  if (taskTimedOut || waited || activityEnded || timerFired) ensureWorkflowTask(draft);
  else if (!forwarded && !asked && !draft.activities.touched) return noop({});
  return accepted({});
}

const isPast = (dueMs: number, now: number): boolean => dueMs > 0 && dueMs <= now;

function timeOutDueWorkflowTask(draft: Draft): boolean {
  const { info, now } = draft;
  if (!isPast(workflowTaskDeadlineMs(info), now)) return false;
  timeOutWorkflowTask(draft, draft.workflowTaskStarted ? START_TO_CLOSE : SCHEDULE_TO_START);
  return true;
}

function timeOutRun(draft: Draft): Outcome {
  const { info, now, environment } = draft;
  if (isPast(info.executionExpirationMs, now)) {
    makeWay(draft);
    draft.emit('WorkflowExecutionTimedOut', { retryState: RETRY_STATES.timeout });
    return accepted({});
  }
  const mayGoOn = info.retryPolicy !== undefined || info.cronSchedule !== '';
  if (mayGoOn && !environment.startedEvent) return { kind: 'needsStartedEvent' };
  makeWay(draft);
  draft.emit('WorkflowExecutionTimedOut', continueAfterFailure(draft, { failure: WORKFLOW_TIMEOUT, byWorker: false }));
  return accepted({});
}
