import type { ExternalRequestInfo } from '@duramesh/proto';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { alreadyCompleted } from '../refusal.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

type Command = CommandOf<'RecordExternalResult'>;

/** What has become of a signal or a cancel request to another workflow. @see spec-history 6.6 */
export function recordExternalResult(draft: Draft, command: Command): Verdict<ReplyOf<'RecordExternalResult'>> {
  if (!draft.isOpen) return refused(alreadyCompleted);
  const { kind, initiatedEventId } = command;
  const pending = kind === 'cancel' ? draft.externalCancels : draft.externalSignals;
  const request = pending.get(initiatedEventId);
  if (!request) return noop({});
  if (kind === 'cancel') tellCanceled(draft, request, command);
  else tellSignaled(draft, request, command);
  ensureWorkflowTask(draft);
  return accepted({});
}

function named(
  { info: { namespace, namespaceId } }: Draft,
  { initiatedEventId, workflowId, runId }: ExternalRequestInfo,
): {
  readonly namespace: string;
  readonly namespaceId: string;
  readonly initiatedEventId: number;
  readonly workflowExecution: { readonly workflowId: string; readonly runId: string };
} {
  return { namespace, namespaceId, initiatedEventId, workflowExecution: { workflowId, runId } };
}

function tellCanceled(draft: Draft, request: ExternalRequestInfo, { failedCause: cause }: Command): void {
  const about = named(draft, request);
  if (cause === undefined) draft.buffer('ExternalWorkflowExecutionCancelRequested', about);
  else draft.buffer('RequestCancelExternalWorkflowExecutionFailed', { ...about, cause });
}

function tellSignaled(draft: Draft, request: ExternalRequestInfo, { failedCause: cause, control }: Command): void {
  const about = { ...named(draft, request), control };
  if (cause === undefined) draft.buffer('ExternalWorkflowExecutionSignaled', about);
  else draft.buffer('SignalExternalWorkflowExecutionFailed', { ...about, cause });
}
