import { AwaitedQueue, type ExecutionInfo, Reason } from '@duramesh/proto';
import { versionText } from '../../worker-deployment/versions.ts';
import { directiveOf } from '../effective-version.ts';

/** What a run may wait for, as far as its state says. Scripts go by these words: they never change their meaning. */
export type WaitCode =
  | 'CLOSED'
  | 'CONTINUED_AS_NEW'
  | 'WORKFLOW_PAUSED'
  | 'WORKFLOW_START_DELAY'
  | 'WORKFLOW_CRON_BACKOFF'
  | 'WORKFLOW_RETRY_BACKOFF'
  | 'PARENT_NOT_HEARD'
  | 'WORKFLOW_TASK_FAILING'
  | 'WORKFLOW_TASK_SCHEDULED'
  | 'WORKFLOW_TASK_RUNNING'
  | 'ACTIVITY_PAUSED'
  | 'ACTIVITY_SCHEDULED'
  | 'ACTIVITY_RUNNING'
  | 'ACTIVITY_RETRY_BACKOFF'
  | 'CHILD_STARTING'
  | 'CHILD_RUNNING'
  | 'EXTERNAL_SIGNAL'
  | 'EXTERNAL_CANCEL'
  | 'UPDATE_NOT_ACCEPTED'
  | 'UPDATE_NOT_COMPLETED'
  | 'TIMER'
  | 'IDLE';

export const WORKFLOW_QUEUE = 1;
export const ACTIVITY_QUEUE = 2;

/** A reason; what is left out is not known or does not apply. */
export const because = (code: WaitCode, text: string, more: Partial<Omit<Reason, 'code' | 'text'>> = {}): Reason =>
  Reason.create({ code, text, ...more });

/** A queue on which a task of the run waits. */
export function awaited(queue: Partial<AwaitedQueue>, info: ExecutionInfo): AwaitedQueue {
  const version = directiveOf(info)?.deploymentVersion;
  return AwaitedQueue.create({ ...queue, workerVersion: version ? versionText(version) : '' });
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `2 h 5 min`, `3 s`, `40 ms`: the two largest units. */
export function inWords(durationMs: number): string {
  let restMs = Math.max(Math.round(durationMs), 0);
  if (restMs < 1_000) return `${restMs} ms`;
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** A text of somebody else inside of a sentence. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
}
const MAX_QUOTED = 160;

/** `, says ops: for the migration`: who did it, and why, where that is told. */
export function byWhom({ identity, reason }: { readonly identity: string; readonly reason: string }): string {
  const who = identity === '' ? '' : ` by ${quoted(identity)}`;
  return reason === '' ? who : `${who}: ${quoted(reason)}`;
}
