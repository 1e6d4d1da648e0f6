import { type ExecutionInfo, RunState } from '@duramesh/proto';
import { EVENT_TYPES } from './events.ts';
import type { Refusal } from './refusal.ts';
import type { ExecutionState } from './state.ts';

const REUSE = { failedOnly: 2, reject: 3, terminateIfRunning: 4 } as const;
const CONFLICT = { fail: 1, useExisting: 2, terminateExisting: 3 } as const;
const COMPLETED = 2;
const CONTINUED_AS_NEW = 6;

/** A request to start, as far as the decision depends on it. */
export interface StartAttempt {
  readonly kind: 'start' | 'signalWithStart';
  readonly requestId: string;
  /** temporal.api.enums.v1.WorkflowIdReusePolicy */
  readonly reusePolicy: number;
  /** temporal.api.enums.v1.WorkflowIdConflictPolicy */
  readonly conflictPolicy: number;
  /** The request says what to attach to a running workflow, be it nothing. */
  readonly hasConflictOptions: boolean;
}

/** What a request to start comes to, given the current run of its workflow id. @see spec-history 1.3, 1.6 */
export type StartDecision =
  | { readonly kind: 'create' }
  | { readonly kind: 'terminateAndCreate' }
  /** This very request was met before, by this run. */
  | { readonly kind: 'repeated'; readonly started: boolean; readonly attached: boolean; readonly runId: string }
  | { readonly kind: 'useExisting' }
  | { readonly kind: 'attach' }
  | { readonly kind: 'signalExisting' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function decideStart(current: ExecutionState | undefined, attempt: StartAttempt): StartDecision {
  if (current === undefined) return { kind: 'create' };
  const repeated = attempt.kind === 'start' ? repetition(current, attempt.requestId) : undefined;
  if (repeated) return repeated;
  if (current.info.state === RunState.RUN_STATE_COMPLETED) return afterClosed(current, attempt);
  return whileOpen(current, attempt);
}

/** Whether who asks takes the workflow id for a new one: an open run is in the way of it. */
export function expectsNew(attempt: StartAttempt): boolean {
  return attempt.kind === 'start' && conflictPolicyOf(attempt) === CONFLICT.fail;
}

/**
 * The run that the request has started, if it is this one or one before it in the chain. A start is known along its chain:
 * who repeats one whose answer was lost must not start the workflow once more.
 */
export function runStartedBy(requestId: string, info: ExecutionInfo): string | undefined {
  if (requestId === info.startRequestId) return info.runId;
  return requestId !== '' && requestId === info.chainRequestId ? info.firstExecutionRunId : undefined;
}

function repetition({ info, requestIds }: ExecutionState, requestId: string): StartDecision | undefined {
  const started = runStartedBy(requestId, info);
  if (started !== undefined) return { kind: 'repeated', started: true, attached: false, runId: started };
  const { runId } = info;
  const attached = requestIds.get(requestId)?.eventType === EVENT_TYPES.WorkflowExecutionOptionsUpdated;
  return attached ? { kind: 'repeated', started: false, attached: true, runId } : undefined;
}

function whileOpen(current: ExecutionState, attempt: StartAttempt): StartDecision {
  switch (conflictPolicyOf(attempt)) {
    case CONFLICT.terminateExisting:
      return { kind: 'terminateAndCreate' };
    case CONFLICT.useExisting:
      if (attempt.kind === 'signalWithStart') return { kind: 'signalExisting' };
      return attempt.hasConflictOptions ? { kind: 'attach' } : { kind: 'useExisting' };
    default:
      return refused(current, 'Workflow execution is already running.', '');
  }
}

function conflictPolicyOf({ kind, conflictPolicy, reusePolicy }: StartAttempt): number {
  if (conflictPolicy !== 0) return conflictPolicy;
  if (reusePolicy === REUSE.terminateIfRunning) return CONFLICT.terminateExisting;
  return kind === 'signalWithStart' ? CONFLICT.useExisting : CONFLICT.fail;
}

function afterClosed(current: ExecutionState, { reusePolicy }: StartAttempt): StartDecision {
  const { status } = current.info;
  if (reusePolicy === REUSE.reject) {
    const policy = ' Workflow Id reuse policy: reject duplicate workflow Id.';
    return refused(current, 'Workflow execution already finished.', policy);
  }
  if (reusePolicy === REUSE.failedOnly && (status === COMPLETED || status === CONTINUED_AS_NEW)) {
    const policy = ' Workflow Id reuse policy: allow duplicate workflow Id if last run failed.';
    return refused(current, 'Workflow execution already finished successfully.', policy);
  }
  return { kind: 'create' };
}

function refused({ info }: ExecutionState, what: string, policy: string): StartDecision {
  const { workflowId, runId, startRequestId, firstExecutionRunId } = info;
  const message = `${what} WorkflowId: ${workflowId}, RunId: ${runId}.${policy}`;
  const alreadyStarted = { startRequestId, runId, firstExecutionRunId };
  return { kind: 'refused', refusal: { code: 'WorkflowExecutionAlreadyStarted', message, alreadyStarted } };
}
