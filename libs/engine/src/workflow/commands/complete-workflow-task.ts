import type { Plain, temporal } from '@duramesh/proto';
import { isSameVersion, versionOfWorker } from '../../worker-deployment/versions.ts';
import { mayNeedStartedEvent } from '../chain.ts';
import { accepted, type CommandOf, inMemory, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { StartedWorkflowTask } from '../started-task.ts';
import type { Draft } from '../draft.ts';
import { startEagerActivities } from '../eager-activities.ts';
import { fromDuration } from '../events.ts';
import { endHeartbeats, failCompletion, refuseCompletion } from '../failed-completion.ts';
import { type Refusal, refusal, workflowTaskNotFound } from '../refusal.ts';
import { directiveOf, settledVersion } from '../effective-version.ts';
import { hasMoved, sendActivitiesAnew } from '../run-versioning.ts';
import { isRejection } from '../update-messages.ts';
import { hasUnsentUpdates, rejectUnprocessed } from '../updates.ts';
import { applyMessage } from '../worker-commands/protocol-message.ts';
import { applyCommand, mayContinueRun, sequenceRefusal } from '../worker-commands/table.ts';
import {
  type CommandEffects,
  type CommandFailure,
  newCommandEffects,
  type WorkerCommandContext,
} from '../worker-commands/worker-command.ts';
import {
  beginWorkflowTask,
  isHeld,
  scheduleWorkflowTask,
  startedWorkflowTask,
  writeVirtual,
} from '../workflow-task.ts';

type Command = CommandOf<'CompleteWorkflowTask'>;
type Request = Command['request'];
type Reply = ReplyOf<'CompleteWorkflowTask'>;
type WorkerCommand = Plain<temporal.api.command.v1.ICommand>;

const STATUS_PAUSED = 8;
/** Inline tasks are not handed out by matching, which names its own requests. */
const INLINE_REQUEST_ID = 'request-from-RespondWorkflowTaskCompleted';

const pausedHeartbeat = refusal(
  'FailedPrecondition',
  'Workflow is paused and force create new workflow task is not allowed.',
);
const behaviorWithoutVersion = refusal(
  'InvalidArgument',
  'versioning behavior cannot be specified without deployment options being set with versioned mode',
);

/**
 * A worker advances the workflow: its commands take effect in order, on one draft. A bad one makes nothing of them
 * happen; the task has failed then, and that is written instead. @see spec-history 2.5, 2.6, 2.7
 */
export function completeWorkflowTask(draft: Draft, { held, request }: Command): Verdict<Reply> {
  if (!isHeld(draft, held)) return givenBefore(draft, held) ?? refused(workflowTaskNotFound);
  const commands = request.commands ?? [];
  const problem = requestRefusal(draft, request) ?? sequenceRefusal(commands);
  if (problem) return refuseCompletion(draft, problem);
  if (isHeartbeat(request) && hasHeartbeatenTooLong(draft)) return endHeartbeats(draft);
  if (mayContinueRun(commands) && mayNeedStartedEvent(draft) && !draft.environment.startedEvent) {
    return { kind: 'needsStartedEvent' };
  }
  if (isForUpdatesOnly(draft, request)) return forgetTask(draft, request);
  const originalScheduledMs = draft.info.workflowTask?.originalScheduledMs ?? draft.now;
  const context = writeCompleted(draft, request);
  const failure = applyAll(draft, commands, context);
  if (failure) return failCompletion(draft, request, failure);
  // A worker that asks for more time will come to them.
  if (draft.isOpen && !request.forceCreateNewWorkflowTask) rejectUnprocessed(draft);
  const eager = startEagerActivities(draft, context.effects.eagerActivities, context.identity);
  const newTask = nextWorkflowTask(draft, request, originalScheduledMs);
  return accepted({ newTask, eagerActivities: eager, resetHistoryEventId: 0 });
}

/**
 * The answer is known, and what was said to it may be lost: a task came with that which nobody else has, and without it the
 * run would wait for its timeout. The reference refuses any repetition.
 */
function givenBefore(draft: Draft, held: Command['held']): Verdict<Reply> | undefined {
  const { workflowTask: task, previousStartedEventId } = draft.info;
  if (!draft.isOpen || held.startedEventId !== previousStartedEventId) return undefined;
  if (task?.requestId !== INLINE_REQUEST_ID || task.startedEventId === 0) return undefined;
  const newTask = startedWorkflowTask(draft, { sticky: true, toldAgain: true });
  return noop({ newTask, eagerActivities: [], resetHistoryEventId: 0 });
}

function requestRefusal(draft: Draft, request: Request): Refusal | undefined {
  if (draft.info.status === STATUS_PAUSED && request.forceCreateNewWorkflowTask) return pausedHeartbeat;
  return request.versioningBehavior && !versionOfWorker(request.deploymentOptions) ? behaviorWithoutVersion : undefined;
}

/** The worker only says that it is still at it. */
const isHeartbeat = ({ forceCreateNewWorkflowTask, commands, messages }: Request): boolean =>
  (forceCreateNewWorkflowTask ?? false) && (commands?.length ?? 0) === 0 && (messages?.length ?? 0) === 0;

function hasHeartbeatenTooLong({ now, info, environment: { limits } }: Draft): boolean {
  return now > (info.workflowTask?.originalScheduledMs ?? now) + limits.workflowTaskHeartbeatMs;
}

/**
 * Nothing has come of the task but that updates were rejected, and the worker can go back to where it was before. The first
 * task of a run leaves nothing to go back to. @see spec-history 2.9
 */
function isForUpdatesOnly({ info, environment: { limits } }: Draft, request: Request): boolean {
  const { commands = [], messages = [], forceCreateNewWorkflowTask, capabilities } = request;
  if (!info.workflowTask?.speculative || info.previousStartedEventId === 0) return false;
  if (commands.length > 0 || forceCreateNewWorkflowTask || !messages.every(isRejection)) return false;
  const spare = capabilities?.discardSpeculativeWorkflowTaskWithEvents ? limits.discardedEvents : 0;
  return info.nextEventId <= info.previousStartedEventId + 2 + spare;
}

/** The task has never been. */
function forgetTask(draft: Draft, request: Request): Verdict<Reply> {
  const failure = leftoverMessages(draft, newCommandEffects(request.messages));
  if (failure) return failCompletion(draft, request, failure);
  rejectUnprocessed(draft);
  takeSticky(draft, request);
  draft.info.workflowTask = undefined;
  const newTask = nextWorkflowTask(draft, request, draft.now);
  const resetHistoryEventId = draft.info.previousStartedEventId;
  const reply = { newTask, eagerActivities: [], resetHistoryEventId };
  // A run with a clock of its own may have to skip time now, and that is written.
  return draft.hasEvents || draft.info.timeSkipping ? accepted(reply) : inMemory(reply);
}

function writeCompleted(draft: Draft, request: Request): WorkerCommandContext {
  writeVirtual(draft);
  const { scheduledEventId, startedEventId } = draft.info.workflowTask ?? {};
  const { identity = '', binaryChecksum, workerVersionStamp, sdkMetadata, meteringMetadata } = request;
  const { versioning } = draft.info;
  const event = draft.emit('WorkflowTaskCompleted', {
    scheduledEventId,
    startedEventId,
    identity,
    binaryChecksum,
    workerVersion: workerVersionStamp,
    sdkMetadata,
    meteringMetadata,
    workerDeploymentName: request.deploymentOptions?.deploymentName,
    versioningBehavior: request.versioningBehavior,
    deploymentVersion: versionOfWorker(request.deploymentOptions),
  });
  if (hasMoved(versioning, draft.info.versioning)) sendActivitiesAnew(draft);
  takeSticky(draft, request);
  return {
    workflowTaskCompletedEventId: event.eventId ?? 0,
    identity,
    effects: newCommandEffects(request.messages),
  };
}

function takeSticky({ info }: Draft, { stickyAttributes: sticky, deploymentOptions }: Request): void {
  const name = sticky?.workerTaskQueue?.name ?? '';
  const scheduleToStartTimeoutMs = fromDuration(sticky?.scheduleToStartTimeout);
  // Its next task may be for a worker of another version.
  const isOwn = !directiveOf(info) || isSameVersion(settledVersion(info).version, versionOfWorker(deploymentOptions));
  info.sticky = name === '' || !isOwn ? undefined : { name, scheduleToStartTimeoutMs };
}

function applyAll(
  draft: Draft,
  commands: readonly WorkerCommand[],
  context: WorkerCommandContext,
): CommandFailure | undefined {
  for (const command of commands) {
    const { userMetadata, eventGroupMarkers } = command;
    const own = userMetadata || eventGroupMarkers ? { ...context, userMetadata, eventGroupMarkers } : context;
    const failure = applyCommand(draft, command, own);
    if (failure) return failure;
  }
  return leftoverMessages(draft, context.effects);
}

/** Messages that no command has placed take effect after all commands. */
function leftoverMessages(draft: Draft, { messages }: CommandEffects): CommandFailure | undefined {
  for (const message of messages.values()) {
    const failure = applyMessage(draft, message);
    if (failure) return failure;
  }
  return undefined;
}

/** What came while the worker was at work makes another task, and so does its own wish. Updates alone make no lasting one. */
function nextWorkflowTask(
  draft: Draft,
  request: Request,
  originalScheduledMs: number,
): StartedWorkflowTask | undefined {
  if (!draft.isOpen || draft.info.status === STATUS_PAUSED) return undefined;
  const forced = request.forceCreateNewWorkflowTask ?? false;
  const isNeeded = forced || draft.hasBuffered;
  if (!isNeeded && !hasUnsentUpdates(draft)) return undefined;
  const inline = request.returnNewWorkflowTask ?? false;
  const speculative = inline && !isNeeded;
  scheduleWorkflowTask(draft, { dispatch: !inline, speculative, ...(forced ? { originalScheduledMs } : {}) });
  if (!inline) return undefined;
  const { identity = '' } = request;
  return beginWorkflowTask(draft, { requestId: INLINE_REQUEST_ID, identity, sticky: true });
}
