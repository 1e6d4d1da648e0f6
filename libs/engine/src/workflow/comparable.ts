import {
  type ActivityInfo,
  type ChildInfo,
  type ExecutionInfo,
  type ExternalRequestInfo,
  RunState,
  type UpdateInfo,
  UpdateStage,
} from '@duramesh/proto';
import { asScheduled } from './activity-options.ts';
import { canonical } from './canonical.ts';
import { EVENT_TYPES } from './events.ts';
import { keywordsOf } from './properties.ts';
import type { ExecutionState } from './state.ts';

/**
 * The notes of a run: facts that are durable but not told by its history. Everything else must come out the same
 * when the state is rebuilt. SPEC.md says of each why it is a note.
 */
const INFO_NOTES = [
  'namespace',
  'startRequestId',
  'chainRequestId',
  'historySizeBytes',
  'stateTransitionCount',
  'lastUpdateMs',
  'cancelRequestId',
  'workflowTask',
  'workflowTaskFailures',
  'nextWorkflowTaskAttempt',
  'sticky',
  'nextBufferedKey',
  'closeAttempted',
  'deleteRequested',
  'resetRunId',
  'endedByReset',
  'resets',
  'lastStamp',
  'bufferedSizeBytes',
  'startCarriesOn',
  'workflowTaskProblem',
  'awaitedParent',
  'parentTold',
  'traceparent',
] as const satisfies (keyof ExecutionInfo)[];

const ACTIVITY_NOTES = [
  'attempt',
  'scheduledMs',
  'startedMs',
  'requestId',
  'identity',
  'heartbeatDetails',
  'lastHeartbeatMs',
  'lastFailure',
  'lastWorkerIdentity',
  'lastAttemptCompleteMs',
  'stamp',
  'inBackoff',
  'pause',
  'reset',
  'resetHeartbeat',
  'originalOptions',
  'startVersion',
  'scheduledBatchEventId',
] as const satisfies (keyof ActivityInfo)[];

// Once the worker has rejected an update of another run, the id is free for one that was never admitted.
const UPDATE_NOTES = ['completedBatchEventId', 'admittedEventId'] as const satisfies (keyof UpdateInfo)[];
const CHILD_NOTES = [
  'initiatedBatchEventId',
  'confirmed',
  'policyApplied',
  'endAsked',
] as const satisfies (keyof ChildInfo)[];
const EXTERNAL_NOTES = ['initiatedBatchEventId'] as const satisfies (keyof ExternalRequestInfo)[];

/** Set by the server as a note, not by an event. */
const NOTED_SEARCH_ATTRIBUTES = ['TemporalReportedProblems', 'TemporalPauseInfo'];
/** An override is in force at once, also while its event waits: which versions a run went by on its way is a note. */
const VERSION_LISTS = ['TemporalUsedWorkerDeploymentVersions', 'BuildIds'];
const PINNED = 'pinned:';

/** What a state shares with the one rebuilt from its history, in a form that can be compared as JSON text. */
export function comparable(state: ExecutionState): unknown {
  const { info, activities, timers, requestIds, callbacks, children, externalCancels, externalSignals, updates } =
    state;
  const isOpen = info.state !== RunState.RUN_STATE_COMPLETED;
  const fields = { ...info.searchAttributes?.indexedFields };
  const buildIds = keywordsOf(fields['BuildIds']).filter((word) => !word.startsWith(PINNED));
  for (const name of [...NOTED_SEARCH_ATTRIBUTES, ...VERSION_LISTS]) delete fields[name];
  return canonical({
    info: {
      ...without(info, INFO_NOTES),
      versioning: info.versioning?.behavior ? { ...info.versioning, transition: undefined } : undefined,
      searchAttributes: fields,
      buildIds,
      memo: info.memo?.fields,
      autoResetPoints: undefined,
    },
    // When a point ends follows from the retention, which history does not tell.
    resetPoints: info.autoResetPoints?.points?.map((point) => ({ ...point, expireTime: undefined })),
    workflowTask: recordedTask(info),
    // An end that the close of the run overtook is in no history.
    activities: isOpen
      ? [...activities.values()].map((activity) => without(asScheduled(activity), ACTIVITY_NOTES))
      : [],
    // In what order they are kept says nothing.
    timers: isOpen ? [...timers.values()].sort((a, b) => a.startedEventId - b.startedEventId) : [],
    // No event tells that the worker has rejected an update of another run.
    updates: [...updates.values()]
      .filter(({ stage }) => stage !== UpdateStage.UPDATE_STAGE_ADMITTED)
      .sort((a, b) => (a.updateId < b.updateId ? -1 : 1))
      .map((update) => without(update, UPDATE_NOTES)),
    children: isOpen ? [...children.values()].map((child) => without(child, CHILD_NOTES)) : [],
    externals: isOpen
      ? [...externalCancels.values(), ...externalSignals.values()].map((one) => without(one, EXTERNAL_NOTES))
      : [],
    callbacks: [...callbacks].sort(([a], [b]) => a - b),
    requestIds: [...requestIds]
      .filter(([, { eventType }]) => eventType !== EVENT_TYPES.WorkflowExecutionStarted)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  });
}

/** A transient task is a note; of a recorded one history tells this much. */
function recordedTask({ workflowTask: task }: ExecutionInfo): unknown {
  if (!task?.inHistory) return undefined;
  const { scheduledEventId, startedEventId, attempt, taskQueue, sticky, timeoutMs, scheduledMs, startedMs } = task;
  return { scheduledEventId, startedEventId, attempt, taskQueue, sticky, timeoutMs, scheduledMs, startedMs };
}

function without<T extends object>(value: T, keys: readonly (keyof T)[]): Partial<T> {
  const copy: Partial<T> = { ...value };
  for (const key of keys) delete copy[key];
  return copy;
}
