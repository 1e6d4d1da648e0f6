import { AsyncLocalStorage } from 'node:async_hooks';
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import type { Answer, Effect, Operation, Outcome, Refusal, Seen } from './operation.ts';

/** gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. What an interruption may cause. */
const PASSING = new Set([1, 4, 8, 10, 14]);
/** FAILED_PRECONDITION: the task that carried an update failed, because a signal came before the end of its workflow. */
const TASK_FAILED = 9;

export type Asked = Pick<Operation, 'kind' | 'workflowId' | 'value' | 'runId'>;

/** Counted while a call is under way. */
interface Retries {
  count: number;
}

/**
 * What clients and workers see of the server, in memory for the check and as JSON lines on the disk for whoever looks at a run
 * that failed: a line when an operation is asked for, one when it has returned, one for each attempt of an activity.
 */
export class Recorder {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #retries = new AsyncLocalStorage<Retries>();
  readonly #operations: Operation[] = [];
  readonly #effects: Effect[] = [];
  readonly #beganAtMs = performance.now();
  #asked = 0;
  #open = 0;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
  }

  get nowMs(): number {
    return Math.round((performance.now() - this.#beganAtMs) * 1000) / 1000;
  }

  get seen(): Seen {
    return { operations: this.#operations, effects: this.#effects };
  }

  /** Operations that are under way. */
  get open(): number {
    return this.#open;
  }

  /** Runs `call` as the operation; what it comes to is in the record, whatever it is. */
  async record(asked: Asked, call: () => Promise<Answer>): Promise<Operation> {
    const id = this.#asked++;
    const invokedMs = this.nowMs;
    const retries: Retries = { count: 0 };
    const isAnonymous = asked.kind === 'terminate';
    this.write({ asks: id, ...asked, at: invokedMs });
    this.#open += 1;
    const ended = await this.#retries.run(retries, () => outcomeOf(call, { retries, isAnonymous }));
    this.#open -= 1;
    const operation = { id, ...asked, invokedMs, returnedMs: this.nowMs, retries: retries.count, ...ended };
    this.#operations.push(operation);
    this.write({ returns: operation });
    return operation;
  }

  /** Called by whatever asks once more on behalf of the operation that is under way. */
  retried(): () => void {
    const retries = this.#retries.getStore();
    return () => {
      if (retries !== undefined) retries.count += 1;
    };
  }

  effect(effect: Omit<Effect, 'begunMs'>): void {
    const begun = { ...effect, begunMs: this.nowMs };
    this.#effects.push(begun);
    this.write({ effect: begun });
  }

  /** Anything else that belongs into the record. */
  write(line: object): void {
    this.#stream.write(`${JSON.stringify(line)}\n`);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}

type Ended = Pick<Operation, 'outcome' | 'answer' | 'refusal' | 'error' | 'isUnexpected'>;

/**
 * A repetition may have been refused because of what the attempt before it has done. A terminate may be so at the first
 * attempt: it carries no request id, and its owner repeats it when the database does not tell whether it is written.
 */
async function outcomeOf(
  call: () => Promise<Answer>,
  { retries, isAnonymous }: { readonly retries: Retries; readonly isAnonymous: boolean },
): Promise<Ended> {
  try {
    return { outcome: 'ok', answer: await call() };
  } catch (error) {
    const refusal = refusalOf(error);
    const text = error instanceof Error ? `${error.name}: ${error.message} ${causeOf(error)}` : String(error);
    if (refusal === undefined) {
      return { outcome: 'unknown', error: text, ...(!isPassing(error) && { isUnexpected: true }) };
    }
    const outcome: Outcome = retries.count > 0 || isAnonymous ? 'maybe' : 'fail';
    return { outcome, refusal, error: text };
  }
}

function refusalOf(error: unknown): Refusal | undefined {
  // The SDK looks for an update that was accepted in whichever run is current by then.
  if (error instanceof WorkflowNotFoundError && error.message.startsWith('update ')) return undefined;
  if (error instanceof WorkflowNotFoundError) return 'not found';
  if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already started';
  return error instanceof WorkflowUpdateFailedError || codesOf(error).includes(TASK_FAILED) ? 'refused' : undefined;
}

const causeOf = (error: Error): string => (error.cause instanceof Error ? `(${error.cause.message})` : '');

function isPassing(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return codesOf(error).some((code) => PASSING.has(code));
}

/** gRPC codes of the error and of what caused it. */
function codesOf(error: unknown): readonly number[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].flatMap((it) => {
    const code: unknown = it instanceof Error && 'code' in it ? it.code : undefined;
    return typeof code === 'number' ? [code] : [];
  });
}
