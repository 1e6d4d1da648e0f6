export type {
  Archetype,
  EntityEnvironment,
  EntityListing,
  EntityTable,
  EntityTask,
  EntityVerdict,
} from './entity/archetype.ts';
export { type DeploymentTask, workerDeployments } from './worker-deployment/archetype.ts';
export { asQueueKnows } from './worker-deployment/commands/register-worker.ts';
export { decodeSummary, describeDeployment, describeRoute, describeVersion } from './worker-deployment/describe.ts';
export { DEPLOYMENT_LIMITS } from './worker-deployment/limits.ts';
export { deploymentNotFound, versionNotFound } from './worker-deployment/refusals.ts';
export { NO_ROUTE, type Route, routeOf, targetOf } from './worker-deployment/route.ts';
export { hasQueue, queuesOf, type WorkerDeployment } from './worker-deployment/state.ts';
export type { DeploymentTable } from './worker-deployment/table.ts';
export { STATUS as VERSION_STATUS } from './worker-deployment/version-status.ts';
export {
  BEHAVIOR,
  isSameVersion,
  UNVERSIONED,
  type Version,
  versionKey,
  versionOfText,
  versionOfWorker,
  versionText,
} from './worker-deployment/versions.ts';
export * from './workflow/commands.ts';
export { PARENT_CLOSE } from './workflow/child-work.ts';
export {
  decideStart,
  expectsNew,
  runStartedBy,
  type StartAttempt,
  type StartDecision,
} from './workflow/decide-start.ts';
export { checkRun } from './workflow/check-run.ts';
export { comparable } from './workflow/comparable.ts';
export { parseCron } from './workflow/cron.ts';
export { describeExecution } from './workflow/describe.ts';
export { explainRun, type RunExplanation } from './workflow/explain/explain-run.ts';
export { inWords, type WaitCode } from './workflow/explain/reason.ts';
export type { EncodedBatch } from './workflow/draft.ts';
export { capDuration, durationProblem } from './workflow/durations.ts';
export type { Environment } from './workflow/environment.ts';
export * from './workflow/events.ts';
export { type Failure, failureSizeBytes, oversizeFailure, serverFailure } from './workflow/failures.ts';
export { DEFAULT_LIMITS, type Limits } from './workflow/limits.ts';
export { fieldsSizeBytes, memoSizeBytes, payloadsSizeBytes } from './workflow/sizes.ts';
export { outstandingTasks } from './workflow/outstanding.ts';
export { isPaused } from './workflow/paused.ts';
export { mergePriority, priorityProblem } from './workflow/priority.ts';
export { type Refusal, refusal, type RefusalCode } from './workflow/refusal.ts';
export { fillRetryPolicy, type RetryPolicy, retryPolicyProblem } from './workflow/retry-policy.ts';
export { rebuild, replayed, type RunIds } from './workflow/rebuild.ts';
export { runOfReset } from './workflow/resets.ts';
export { isReapplied } from './workflow/reapply.ts';
export { directiveOf, effectiveVersion, inheritedVersion, movesTo } from './workflow/effective-version.ts';
export { type PostResetOperation, type Reset, resetRun } from './workflow/reset.ts';
export type { CheckedSearchAttributes, SearchAttributesCheck } from './workflow/search-attributes.ts';
export { absorb, aheadBy, emptyState, type ExecutionDiff, type ExecutionState } from './workflow/state.ts';
export { decodeState, encodeDiff, ITEM_KINDS } from './workflow/stored.ts';
export {
  fastForwardProgress,
  type FastForwardProgress,
  inheritedSkipMs,
  timeSkippingOfChild,
} from './workflow/time-skipping.ts';
export type { StartedActivityTask, StartedWorkflowTask } from './workflow/started-task.ts';
export {
  type CommandRequest,
  type MemoryChange,
  type Outcome,
  type RunChange,
  transition,
} from './workflow/transition.ts';
export {
  updateAborted,
  updateAbortedByClose,
  type UpdateNews,
  type UpdateOutcome,
  type UpdateProgress,
  updateProgress,
  type UpdateRequest,
} from './workflow/updates.ts';
export { type TaskDraft, taskName, type TaskOf, type TaskType } from './workflow/tasks.ts';
export { HISTORY_SERVICE } from './workflow/terminate.ts';
export { inheritedOverride, overrideProblem, pinnedVersionOf } from './workflow/versioning-override.ts';
export { virtualWorkflowTaskEvents } from './workflow/workflow-task.ts';
export { type VisibilityFacts, visibilityFacts } from './workflow/visibility-facts.ts';
export { nextWakeMs } from './workflow/wake.ts';
export { WORKER_COMMANDS } from './workflow/worker-commands/table.ts';
export type { PausingRule, WorkflowRules } from './workflow/workflow-rules.ts';
