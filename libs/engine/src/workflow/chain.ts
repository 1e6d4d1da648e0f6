import { must } from '@duramesh/runtime';
import type { Plain, temporal } from '@duramesh/proto';
import { callbacksOf } from './callbacks.ts';
import type { CommandOf } from './commands.ts';
import { cronBackoffMs } from './cron.ts';
import type { Draft } from './draft.ts';
import { type Attributes, attributesOf, toDuration, toTimestamp } from './events.ts';
import type { Failure } from './failures.ts';
import { decideRetry, RETRY_STATES, type RetryPolicy } from './retry-policy.ts';
import { inheritedVersion } from './effective-version.ts';
import { timeSkippingOfNextRun } from './time-skipping.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;
type StartedAttributes = Attributes<'WorkflowExecutionStarted'>;
type Links = CommandOf<'ContinueWorkflow'>['links'];

const INITIATOR = { workflow: 1, retry: 2, cron: 3 } as const;
/** Runs of one chain begin at least this far apart. */
const MINIMUM_SPACING_MS = 1_000;
const DAY_MS = 86_400_000;

/**
 * Closing the run may take event 1: a retry and a cron run start with what it says, and its links go on to any next
 * run.
 */
export const mayNeedStartedEvent = ({ info }: Draft): boolean =>
  info.retryPolicy !== undefined || info.cronSchedule !== '' || info.startCarriesOn;

/** No run begins within a second of the one before it. */
function spacedMs(draft: Draft, backoffMs: number): number {
  const lifetimeMs = Math.max(0, draft.now - draft.info.executionTimeMs);
  return lifetimeMs + backoffMs < MINIMUM_SPACING_MS ? MINIMUM_SPACING_MS - lifetimeMs : backoffMs;
}

function startedOf(draft: Draft): { attributes: StartedAttributes; links: Links } {
  const event = must(draft.environment.startedEvent, 'the next run of a chain needs event 1 of this one');
  return { attributes: attributesOf('WorkflowExecutionStarted', event), links: event.links };
}

/** What every next run has in common. @see spec-history 1.8 */
function chained({ info, environment }: Draft, backoffMs: number): StartedAttributes {
  return {
    workflowId: info.workflowId,
    continuedExecutionRunId: info.runId,
    firstExecutionRunId: info.firstExecutionRunId,
    originalExecutionRunId: environment.newRunId,
    workflowExecutionExpirationTime:
      info.executionExpirationMs > 0 ? toTimestamp(info.executionExpirationMs) : undefined,
    firstWorkflowTaskBackoff: backoffMs > 0 ? toDuration(backoffMs) : undefined,
    parentWorkflowNamespace: info.parent?.namespace,
    parentWorkflowNamespaceId: info.parent?.namespaceId,
    parentWorkflowExecution: info.parent && { workflowId: info.parent.workflowId, runId: info.parent.runId },
    parentInitiatedEventId: info.parent?.initiatedEventId,
    rootWorkflowExecution:
      info.rootWorkflowId === '' ? undefined : { workflowId: info.rootWorkflowId, runId: info.rootRunId },
    versioningOverride: info.versioningOverride?.oneTime ? undefined : info.versioningOverride,
    ...timeSkippingOfNextRun(info),
  };
}

/** The reset points stay good for as long as the closed run is kept. */
function rollResetPoints(draft: Draft): StartedAttributes['prevAutoResetPoints'] {
  const { info, environment } = draft;
  const points = info.autoResetPoints?.points;
  if (!points || points.length === 0) return undefined;
  const expireTime = toTimestamp(draft.now + (environment.retentionMs ?? DAY_MS));
  const rolled = { points: points.map((point) => (point.expireTime ? point : { ...point, expireTime })) };
  info.autoResetPoints = rolled;
  return rolled;
}

function follow(draft: Draft, started: StartedAttributes, links: Links): string {
  const { newRunId, newRequestId } = draft.environment;
  const prevAutoResetPoints = rollResetPoints(draft);
  const requestId = newRequestId ?? newRunId;
  draft.continuation = { started: { ...started, prevAutoResetPoints }, links, requestId, resets: draft.info.resets };
  return newRunId;
}

export interface ContinuedAsNew {
  readonly continued: Attributes<'WorkflowExecutionContinuedAsNew'>;
  /** temporal.api.enums.v1.ContinueAsNewInitiator */
  readonly initiator: number;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly cronSchedule: string;
  readonly backoffMs: number;
  /** temporal.api.enums.v1.ContinueAsNewVersioningBehavior */
  readonly initialBehavior: number;
}

/** The run that a worker continues its workflow as. */
export function continueAsNewRun(
  draft: Draft,
  { continued, initiator, retryPolicy, cronSchedule, backoffMs, initialBehavior }: ContinuedAsNew,
): { readonly newExecutionRunId: string; readonly backoffMs: number } {
  const { info } = draft;
  const spaced = spacedMs(draft, backoffMs);
  const links = info.startCarriesOn ? startedOf(draft).links : undefined;
  const { workflowType, taskQueue, input, header, memo, searchAttributes } = continued;
  const { workflowRunTimeout, workflowTaskTimeout, failure, lastCompletionResult } = continued;
  const started: StartedAttributes = {
    ...chained(draft, spaced),
    ...inheritedVersion(info, { isPolled: taskQueue?.name === info.taskQueue, initialBehavior }),
    workflowType,
    taskQueue,
    input,
    header,
    memo,
    searchAttributes,
    workflowExecutionTimeout: info.executionTimeoutMs > 0 ? toDuration(info.executionTimeoutMs) : undefined,
    workflowRunTimeout,
    workflowTaskTimeout,
    retryPolicy,
    cronSchedule,
    initiator: initiator || INITIATOR.workflow,
    attempt: initiator === INITIATOR.retry ? info.attempt + 1 : 1,
    continuedFailure: failure,
    lastCompletionResult,
    priority: info.priority,
    completionCallbacks: callbacksOf(draft.callbacks),
  };
  return { newExecutionRunId: follow(draft, started, links), backoffMs: spaced };
}

interface Repeated {
  readonly backoffMs: number;
  readonly changes: StartedAttributes;
}

/** A run that starts as this one did. */
function repeatRun(draft: Draft, { backoffMs, changes }: Repeated): string {
  const { attributes, links } = startedOf(draft);
  const { workflowType, taskQueue, input, header, memo, searchAttributes, retryPolicy, cronSchedule } = attributes;
  const started: StartedAttributes = {
    ...chained(draft, spacedMs(draft, backoffMs)),
    workflowType,
    taskQueue,
    input,
    header,
    memo,
    searchAttributes,
    retryPolicy,
    cronSchedule,
    workflowExecutionTimeout: attributes.workflowExecutionTimeout,
    workflowRunTimeout: attributes.workflowRunTimeout,
    workflowTaskTimeout: attributes.workflowTaskTimeout,
    priority: attributes.priority,
    completionCallbacks: callbacksOf(draft.callbacks),
    ...changes,
  };
  return follow(draft, started, links);
}

/** A run that is tried again begins with the version that it began with. */
function asBegun(draft: Draft): StartedAttributes {
  const { inheritedPinnedVersion, inheritedAutoUpgradeInfo } = startedOf(draft).attributes;
  return { inheritedPinnedVersion, inheritedAutoUpgradeInfo };
}

/** The next run of a cron schedule, and its id; undefined when there is none. */
export function continueByCron(
  draft: Draft,
  outcome: { readonly result?: Payloads | undefined; readonly failure?: Failure | undefined },
): string | undefined {
  const { cronSchedule, executionTimeMs, executionExpirationMs } = draft.info;
  if (cronSchedule === '') return undefined;
  const backoffMs = cronBackoffMs(cronSchedule, { executionTimeMs, nowMs: draft.now });
  if (backoffMs === undefined) return undefined;
  if (executionExpirationMs > 0 && draft.now + backoffMs >= executionExpirationMs) return undefined;
  return repeatRun(draft, {
    backoffMs,
    changes: {
      initiator: INITIATOR.cron,
      attempt: 1,
      lastCompletionResult: outcome.failure ? startedOf(draft).attributes.lastCompletionResult : outcome.result,
      continuedFailure: outcome.failure,
      completionCallbacks: undefined,
    },
  });
}

/** What follows a failed or timed out run: a retry, else the next run of its schedule, else nothing. */
export function continueAfterFailure(
  draft: Draft,
  { failure, byWorker }: { readonly failure: Failure; readonly byWorker: boolean },
): { readonly retryState: number; readonly newExecutionRunId: string | undefined } {
  const { info } = draft;
  const decision = decideRetry({
    policy: info.retryPolicy,
    attempt: info.attempt,
    failure,
    cancelRequested: false,
    nowMs: draft.now,
    expirationMs: info.executionExpirationMs,
    capsOwnDelay: true,
  });
  if (decision.kind === 'end') {
    return { retryState: decision.retryState, newExecutionRunId: continueByCron(draft, { failure }) };
  }
  const newExecutionRunId = repeatRun(draft, {
    backoffMs: decision.delayMs,
    changes: {
      initiator: INITIATOR.retry,
      attempt: info.attempt + 1,
      ...asBegun(draft),
      // A worker that fails its run has no result to hand on; a run that times out still has the one it was given.
      lastCompletionResult: byWorker ? undefined : startedOf(draft).attributes.lastCompletionResult,
      continuedFailure: failure,
    },
  });
  return { retryState: RETRY_STATES.inProgress, newExecutionRunId };
}
