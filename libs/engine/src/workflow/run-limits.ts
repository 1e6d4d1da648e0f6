import { BufferedEvent } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import type { Limits } from './limits.ts';
import { jsonPayload } from './properties.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { ExecutionDiff } from './state.ts';
import { exceedsStateSize } from './state-size.ts';
import { HISTORY_SERVICE, terminate } from './terminate.ts';
import type { RunChange } from './transition.ts';
import { CAUSES } from './worker-commands/worker-command.ts';
import { ensureWorkflowTask } from './workflow-task.ts';
import { failWorkflowTask } from './workflow-task-end.ts';

const historyTooLarge = refusal('InvalidArgument', 'Workflow history size exceeds limit.');
const historyTooLong = refusal('InvalidArgument', 'Workflow history count exceeds limit.');
const stateTooLarge = refusal('InvalidArgument', 'Workflow mutable state size exceeds limit.');
const TRANSACTION_TOO_LARGE = 'Transaction size exceeds limit.';

/** What a run has come to that must end instead of going on: told to the caller, and written as its end. */
export interface Overrun {
  readonly told: Refusal;
  readonly reason: string;
  /** What people read beside the reason. */
  readonly details?: string;
}

const toldAs = (told: Refusal): Overrun => ({ told, reason: told.message });

/** The history is as long as it may be. Events that get their ids with this transition do not count yet. */
export function historyOverrun({ info, isOpen, environment: { limits } }: Draft): Overrun | undefined {
  if (!isOpen) return undefined;
  if (info.historySizeBytes > limits.historySizeBytes) return toldAs(historyTooLarge);
  return info.nextEventId - 1 > limits.historyCount ? toldAs(historyTooLong) : undefined;
}

/** What the run holds is more than it may be. */
export function stateOverrun(draft: Draft, diff: ExecutionDiff): Overrun | undefined {
  return draft.isOpen && exceedsStateSize(draft, diff) ? toldAs(stateTooLarge) : undefined;
}

/** A transition appends more events together than may be written together. */
export function transactionOverrun(
  changes: readonly (RunChange | undefined)[],
  { transactionSizeBytes: limit }: Limits,
): Overrun | undefined {
  for (const change of changes) {
    for (const { data } of change?.batches ?? []) {
      if (data.length <= limit) continue;
      const details = `transaction size of ${data.length} bytes exceeds limit of ${limit} bytes`;
      return { told: refusal('InvalidArgument', details), reason: TRANSACTION_TOO_LARGE, details };
    }
  }
  return undefined;
}

/** Ends the run with what it has come to. */
export function endOverrun(draft: Draft, { reason, details }: Overrun): void {
  const payloads = details === undefined ? undefined : { payloads: [jsonPayload(details)] };
  terminate(draft, { reason, details: payloads, identity: HISTORY_SERVICE });
}

/**
 * No more can wait for the running workflow task than fits: then the task fails, the events get their places, and
 * another task tells of them, unless the run is paused. @see spec-history 2.8
 */
export function endOverfullBuffer(draft: Draft): void {
  const { info, environment } = draft;
  if (!draft.hasBuffered) info.bufferedSizeBytes = 0;
  if (!draft.isOpen || !draft.workflowTaskStarted || !draft.buffered.touched) return;
  const { bufferedEvents, bufferedSizeBytes } = environment.limits;
  draft.buffered.forEachChange((was, is) => {
    if (!was && is) info.bufferedSizeBytes += BufferedEvent.encode({ event: is }).length;
  });
  if (draft.buffered.size <= bufferedEvents && info.bufferedSizeBytes <= bufferedSizeBytes) return;
  failWorkflowTask(draft, { cause: CAUSES.ForceCloseCommand, identity: HISTORY_SERVICE });
  ensureWorkflowTask(draft);
  info.bufferedSizeBytes = 0;
}
