import { invalidArgument } from '@duramesh/contracts';
import { isUuid } from '@duramesh/runtime';

/** Whether a text is longer than `limit` bytes of UTF-8; short texts are not measured. */
export const exceedsBytes = (text: string, limit: number): boolean =>
  text.length > limit || (text.length * 3 > limit && Buffer.byteLength(text) > limit);

/** The text most requests answer to an id that is too long. */
export function requireLength(field: string, text: string | undefined, limit: number): void {
  if (text && exceedsBytes(text, limit)) throw invalidArgument(`${field} length exceeds limit.`);
}

/** The text that the newer validators of the reference answer. */
export function requireMaximumLength(field: string, text: string | undefined, limit: number): void {
  if (!text || !exceedsBytes(text, limit)) return;
  throw invalidArgument(`${field} exceeds maximum allowed length (${Buffer.byteLength(text)}/${limit})`);
}

interface Execution {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
}

/** Answers the workflow id. */
export function requireExecution(execution: Execution | undefined): string {
  if (!execution) throw invalidArgument('Execution is not set on request.');
  if (!execution.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('Invalid RunId.');
  return execution.workflowId;
}
