import { invalidArgument } from '@duramesh/contracts';
import { overrideProblem } from '@duramesh/engine';
import type { NamespaceRecord } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { linksBesideCallbacks, requireCallbacks } from './callbacks.ts';
import { requireCronSchedule } from './cron.ts';
import { requireTimeout } from './durations.ts';
import { requireLinks } from './links.ts';
import { requireBlobSize, requireMemoSize } from './payload-size.ts';
import { requirePriority } from './priority.ts';
import { requireSearchAttributes } from './search-attributes.ts';
import { requireTimeSkipping } from './time-skipping.ts';

/** The fields that StartWorkflowExecution and SignalWithStartWorkflowExecution share. */
type StartFields = RpcRequest<'StartWorkflowExecution'> | RpcRequest<'SignalWithStartWorkflowExecution'>;

export const ReusePolicy = {
  UNSPECIFIED: 0,
  ALLOW_DUPLICATE: 1,
  REJECT_DUPLICATE: 3,
  TERMINATE_IF_RUNNING: 4,
} as const;
export const ConflictPolicy = { UNSPECIFIED: 0, FAIL: 1, USE_EXISTING: 2, TERMINATE_EXISTING: 3 } as const;

/** Replaces what is unspecified. Terminate-if-running is an older way to say terminate-existing. */
export function fillIdPolicies(request: StartFields, defaultConflictPolicy: number): void {
  const { workflowIdReusePolicy: reuse, workflowIdConflictPolicy: conflict } = request;
  if (!reuse) request.workflowIdReusePolicy = ReusePolicy.ALLOW_DUPLICATE;
  if (conflict) return;
  request.workflowIdConflictPolicy = defaultConflictPolicy;
  if (reuse !== ReusePolicy.TERMINATE_IF_RUNNING) return;
  request.workflowIdReusePolicy = ReusePolicy.ALLOW_DUPLICATE;
  request.workflowIdConflictPolicy = ConflictPolicy.TERMINATE_EXISTING;
}

/** After {@link fillIdPolicies}. */
export function requireIdPolicies({ workflowIdReusePolicy, workflowIdConflictPolicy }: StartFields): void {
  if (workflowIdReusePolicy === ReusePolicy.TERMINATE_IF_RUNNING) {
    throw invalidArgument(
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING ' +
        'cannot be used together with a WorkflowIDConflictPolicy',
    );
  }
  const rejects = workflowIdReusePolicy === ReusePolicy.REJECT_DUPLICATE;
  if (rejects && workflowIdConflictPolicy === ConflictPolicy.TERMINATE_EXISTING) {
    throw invalidArgument(
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with ' +
        'WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING',
    );
  }
}

export function requireCronAndDelay(request: StartFields): void {
  if (request.cronSchedule && request.workflowStartDelay) {
    throw invalidArgument('CronSchedule and WorkflowStartDelay may not be used together.');
  }
  requireCronSchedule(request.cronSchedule);
  request.workflowStartDelay = requireTimeout('WorkflowStartDelaySeconds', request.workflowStartDelay);
}

export function requireTimeouts(request: StartFields): void {
  request.workflowExecutionTimeout = requireTimeout(
    'WorkflowExecutionTimeoutSeconds',
    request.workflowExecutionTimeout,
  );
  request.workflowRunTimeout = requireTimeout('WorkflowRunTimeoutSeconds', request.workflowRunTimeout);
  request.workflowTaskTimeout = requireTimeout('WorkflowTaskTimeoutSeconds', request.workflowTaskTimeout);
}

/** A link that a callback carries too is kept with the callback only. */
function requireCallbacksAndLinks(request: StartFields, limits: FrontendLimits): void {
  const callbacks = 'completionCallbacks' in request ? requireCallbacks(request.completionCallbacks, limits) : [];
  if ('completionCallbacks' in request) request.completionCallbacks = [...callbacks];
  const links = linksBesideCallbacks(request.links, callbacks);
  request.links = links && [...links];
  requireLinks([...(links ?? []), ...callbacks.flatMap((callback) => callback.links ?? [])], limits);
}

/** What comes last in both requests. */
export function requireProperties(request: StartFields, namespace: NamespaceRecord, limits: FrontendLimits): void {
  requireSearchAttributes(request.searchAttributes, namespace, limits);
  requirePriority(request.priority, limits.fairnessKeyBytes);
  requireCallbacksAndLinks(request, limits);
  request.timeSkippingConfig = requireTimeSkipping(request.timeSkippingConfig, limits.skipsPerSession);
  const badOverride = overrideProblem(request.versioningOverride);
  if (badOverride !== undefined) throw invalidArgument(badOverride);
  requireBlobSize(request.input, limits.blobBytes);
  requireMemoSize(request.memo, limits.memoBytes);
}
