import { must } from '@duramesh/runtime';
import type { ActivityOptions, ActivityTarget, CommandName, CommandOf, WorkflowOptions } from './commands.ts';
import type { WorkflowRules } from './workflow-rules.ts';

const ACTS = [
  'pauseActivity',
  'unpauseActivity',
  'resetActivity',
  'updateActivityOptions',
  'pauseWorkflow',
  'unpauseWorkflow',
  'updateWorkflowOptions',
  // Runs that stay paused teach little.
  'unpauseWorkflow',
  'unpauseWorkflow',
] as const;

/** Valid changes, and some that are refused. */
const ACTIVITY_CHANGES: readonly { readonly options: ActivityOptions; readonly paths: readonly string[] }[] = [
  { options: { taskQueue: { name: 'other' } }, paths: ['task_queue.name'] },
  { options: { scheduleToCloseTimeout: { seconds: 20 } }, paths: ['schedule_to_close_timeout'] },
  { options: { scheduleToStartTimeout: { seconds: 4 } }, paths: ['schedule_to_start_timeout'] },
  { options: { retryPolicy: { initialInterval: { seconds: 7 } } }, paths: ['retry_policy.initial_interval'] },
  {
    options: { retryPolicy: { maximumAttempts: 1 }, priority: { priorityKey: 2 } },
    paths: ['priority', 'retry_policy'],
  },
  { options: { startToCloseTimeout: { seconds: 0 } }, paths: ['start_to_close_timeout'] },
];

const WORKFLOW_CHANGES: readonly { readonly options: WorkflowOptions; readonly paths: readonly string[] }[] = [
  { options: { priority: { priorityKey: 1 } }, paths: ['priority'] },
  { options: { priority: { fairnessKey: 'f' } }, paths: ['priority.fairness_key'] },
  { options: { versioningOverride: { autoUpgrade: true } }, paths: ['versioning_override'] },
  {
    options: { versioningOverride: { pinned: { behavior: 1, version: { deploymentName: 'd', buildId: 'b' } } } },
    paths: ['versioning_override', 'priority.priority_key'],
  },
  { options: {}, paths: ['versioning_override'] },
  { options: { versioningOverride: { behavior: 1, pinnedVersion: 'd.c' } }, paths: ['versioning_override'] },
];

const TARGETS: readonly ActivityTarget[] = [
  ...[0, 1, 2, 3].map((n) => ({ by: 'id' as const, activityId: `a${n}` })),
  { by: 'type', activityType: 'act' },
  { by: 'all' },
];
const REQUEST_IDS = ['', 'p1', 'p2'];
const JITTERS_MS = [0, 0, 3_000];

/** Some activities are paused by a rule, one before it begins and one when it is to be tried again. */
export const workflowRules: WorkflowRules = ({ activityId, attempt }) =>
  activityId === 'a3' || (activityId === 'a2' && attempt > 1)
    ? { ruleId: 'rule', identity: 'operator', reason: 'why' }
    : undefined;

/** How many numbers choose what an operator does. */
export const OPERATOR_CHOICES = 6;

interface Asked {
  ask<N extends CommandName>(name: N, command: CommandOf<N>): void;
}

function pick<T>(choices: readonly T[], n: number): T {
  return must(choices[n % choices.length], 'there is a choice');
}

/** Does what the numbers say, whichever they are, to a run or to its activities. */
export function operate(
  subject: Asked,
  [act = 0, whom = 0, request = 0, flags = 0, jitter = 0, change = 0]: readonly number[],
): void {
  const [first = false, second = false, third = false] = [1, 2, 4].map((bit) => (flags & bit) > 0);
  const target = pick(TARGETS, whom);
  const jitterMs = pick(JITTERS_MS, jitter);
  const who = { identity: 'operator', reason: 'why', requestId: pick(REQUEST_IDS, request) };
  switch (pick(ACTS, act)) {
    case 'pauseActivity':
      subject.ask('PauseActivity', { target, ...who });
      return;
    case 'unpauseActivity':
      subject.ask('UnpauseActivity', {
        target,
        resetAttempts: first,
        resetHeartbeat: second,
        jitterMs,
      });
      return;
    case 'resetActivity':
      subject.ask('ResetActivity', {
        target,
        resetHeartbeat: first,
        keepPaused: second,
        restoreOriginalOptions: third,
        jitterMs,
      });
      return;
    case 'updateActivityOptions':
      subject.ask('UpdateActivityOptions', {
        target,
        ...pick(ACTIVITY_CHANGES, change),
        restoreOriginal: flags % 8 === 7,
      });
      return;
    case 'pauseWorkflow':
      subject.ask('PauseWorkflow', who);
      return;
    case 'unpauseWorkflow':
      subject.ask('UnpauseWorkflow', who);
      return;
    case 'updateWorkflowOptions':
      subject.ask('UpdateWorkflowOptions', { ...pick(WORKFLOW_CHANGES, change), identity: 'operator' });
  }
}
