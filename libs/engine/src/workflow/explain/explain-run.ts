import { type Reason, RunState } from '@duramesh/proto';
import { isPaused } from '../paused.ts';
import type { ExecutionState } from '../state.ts';
import { waitsForWorker } from '../summary.ts';
import { skippedMs } from '../time-skipping.ts';
import { waitForActivity } from './activity.ts';
import { waitForOthers, waitForTimers, waitForUpdates } from './others.ts';
import { because, byWhom } from './reason.ts';
import { waitForFirstTask, waitForWorkflowTask } from './workflow-task.ts';

/** By the number of temporal.api.enums.v1.WorkflowExecutionStatus. */
const ENDS = ['', '', 'completed', 'failed', 'canceled', 'terminated', 'continued as new', 'timed out'];
/** By the same number. */
const STATUS_NAMES = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/** Reasons beyond these say nothing new. */
const MAX_REASONS = 50;

/** What a run waits for, as far as its state says. */
export interface RunExplanation {
  readonly status: string;
  /** What matters most comes first. Never empty. */
  readonly reasons: readonly Reason[];
  /** Reasons beyond those. */
  readonly omitted: number;
}

/**
 * Why a run has not come further. What matching and ownership know of it is theirs to add: the state says that a task waits
 * for a worker of a queue, not whether there is one.
 * @param now by the real clock
 */
export function explainRun(state: ExecutionState, now: number): RunExplanation {
  const reasons = state.info.state === RunState.RUN_STATE_COMPLETED ? closed(state) : open(state, now);
  return {
    status: STATUS_NAMES[state.info.status] ?? 'UNSPECIFIED',
    reasons: reasons.slice(0, MAX_REASONS),
    omitted: Math.max(reasons.length - MAX_REASONS, 0),
  };
}

function closed({ info }: ExecutionState): readonly Reason[] {
  const sinceMs = info.closeTimeMs - skippedMs(info);
  const { newExecutionRunId, resetRunId, status } = info;
  if (newExecutionRunId !== '') {
    const text = `The run has ended (${ENDS[status]}), and run ${newExecutionRunId} goes on in its place.`;
    const advice = 'Without --run-id the latest run is explained.';
    return [because('CONTINUED_AS_NEW', text, { sinceMs, subject: newExecutionRunId, advice })];
  }
  const heir = info.endedByReset && resetRunId !== '' ? ` Run ${resetRunId} was made of it by a reset.` : '';
  return [because('CLOSED', `The run has ended: ${ENDS[status]}.${heir}`, { sinceMs, subject: resetRunId })];
}

function open(state: ExecutionState, now: number): readonly Reason[] {
  const reasons = [
    ...paused(state),
    ...waitForFirstTask(state, now),
    ...waitForWorkflowTask(state, now),
    ...waitForActivities(state, now),
    ...waitForOthers(state),
    ...waitForUpdates(state),
    ...waitForTimers(state, now),
  ];
  return reasons.length > 0 ? reasons : [idle(state)];
}

/** While the run is paused, no worker gets an activity that has not begun: the pause is why. */
function waitForActivities({ info, activities }: ExecutionState, now: number): readonly Reason[] {
  const begun = [...activities.values()].filter((activity) => !isPaused(info) || !waitsForWorker(activity));
  return begun.map((activity) => waitForActivity(activity, info, now));
}

function paused({ info }: ExecutionState): readonly Reason[] {
  const { pause } = info;
  if (!isPaused(info) || !pause) return [];
  const advice = 'Let it go on: temporal workflow unpause.';
  const sinceMs = pause.pausedMs - skippedMs(info);
  return [
    because('WORKFLOW_PAUSED', `The workflow was paused${byWhom(pause)}: no worker is asked.`, { sinceMs, advice }),
  ];
}

function idle({ info }: ExecutionState): Reason {
  const text = 'The run waits for nothing but a signal, an update or a cancel request.';
  return because('IDLE', text, { sinceMs: info.lastUpdateMs - skippedMs(info) });
}
