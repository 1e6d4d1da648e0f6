import fc from 'fast-check';
import type { ActivityOptions, ActivityTarget, CommandName, CommandOf, WorkflowOptions } from './commands.ts';

/** What an operator may do to a run and its activities. */
export interface OperatorStep {
  readonly act: (typeof ACTS)[number];
  readonly target: ActivityTarget;
  readonly requestId: string;
  /** Each bit is one of the switches that the act knows. */
  readonly flags: number;
  readonly jitterMs: number;
  readonly change: number;
}

const ACTS = [
  'pauseActivity',
  'unpauseActivity',
  'resetActivity',
  'updateActivityOptions',
  'pauseWorkflow',
  'unpauseWorkflow',
  'updateWorkflowOptions',
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

const target: fc.Arbitrary<ActivityTarget> = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map((n) => ({ by: 'id' as const, activityId: `a${n}` })),
  fc.constant({ by: 'type' as const, activityType: 'act' }),
  fc.constant({ by: 'all' as const }),
);

export const operatorStep: fc.Arbitrary<OperatorStep> = fc.record({
  // Runs that stay paused teach little.
  act: fc.constantFrom(...ACTS, 'unpauseWorkflow', 'unpauseWorkflow'),
  target,
  requestId: fc.constantFrom('', 'p1', 'p2'),
  flags: fc.integer({ min: 0, max: 7 }),
  jitterMs: fc.constantFrom(0, 0, 3_000),
  change: fc.nat({ max: 5 }),
});

interface Asked {
  ask<N extends CommandName>(name: N, command: CommandOf<N>): void;
}

export function operate(subject: Asked, { act, target: of, requestId, flags, jitterMs, change }: OperatorStep): void {
  const [first, second, third] = [1, 2, 4].map((bit) => (flags & bit) > 0);
  const who = { identity: 'operator', reason: 'why', requestId };
  switch (act) {
    case 'pauseActivity':
      subject.ask('PauseActivity', { target: of, ...who });
      return;
    case 'unpauseActivity':
      subject.ask('UnpauseActivity', {
        target: of,
        resetAttempts: first ?? false,
        resetHeartbeat: second ?? false,
        jitterMs,
      });
      return;
    case 'resetActivity':
      subject.ask('ResetActivity', {
        target: of,
        resetHeartbeat: first ?? false,
        keepPaused: second ?? false,
        restoreOriginalOptions: third ?? false,
        jitterMs,
      });
      return;
    case 'updateActivityOptions':
      subject.ask('UpdateActivityOptions', {
        target: of,
        options: ACTIVITY_CHANGES[change]?.options,
        paths: ACTIVITY_CHANGES[change]?.paths,
        restoreOriginal: flags === 7,
      });
      return;
    case 'pauseWorkflow':
      subject.ask('PauseWorkflow', who);
      return;
    case 'unpauseWorkflow':
      subject.ask('UnpauseWorkflow', who);
      return;
    case 'updateWorkflowOptions': {
      const { options = {}, paths = [] } = WORKFLOW_CHANGES[change] ?? {};
      subject.ask('UpdateWorkflowOptions', { options, paths, identity: 'operator' });
    }
  }
}
